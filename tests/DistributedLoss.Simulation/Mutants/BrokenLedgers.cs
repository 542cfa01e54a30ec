using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Simulation.Mutants;

/// <summary>A second result of a shard counts again, and says so.</summary>
internal sealed class CountsTwice : Mutant
{
    public override RunLedger NewLedger(RunPlan plan) => new Ledger(plan.Shards.Count, plan.NewTotals);

    private sealed class Ledger(int shards, Func<Totals> newTotals) : RunLedger(shards, newTotals)
    {
        public override Settlement Settle(ShardResult result)
        {
            if (base.Settle(result) == Settlement.Duplicate)
            {
                Totals.Add(result.Totals);
            }

            return Settlement.Counted;
        }
    }
}

/// <summary>A second result is added to the totals, and reported as dropped: nothing but the sums shows it.</summary>
internal sealed class AddsDuplicates : Mutant
{
    public override RunLedger NewLedger(RunPlan plan) => new Ledger(plan.Shards.Count, plan.NewTotals);

    private sealed class Ledger(int shards, Func<Totals> newTotals) : RunLedger(shards, newTotals)
    {
        public override Settlement Settle(ShardResult result)
        {
            var settlement = base.Settle(result);
            if (settlement == Settlement.Duplicate)
            {
                Totals.Add(result.Totals);
            }

            return settlement;
        }
    }
}

/// <summary>Two results of one shard that differ are taken for equal.</summary>
internal sealed class ToleratesConflicts : Mutant
{
    // Few schedules have what it takes.
    public override int Seeds => 3000;

    public override RunLedger NewLedger(RunPlan plan) => new Ledger(plan.Shards.Count, plan.NewTotals);

    private sealed class Ledger(int shards, Func<Totals> newTotals) : RunLedger(shards, newTotals)
    {
        public override Settlement Settle(ShardResult result)
        {
            try
            {
                return base.Settle(result);
            }
            catch (LedgerConflictException)
            {
                return Settlement.Duplicate;
            }
        }
    }
}

/// <summary>What the journal gives back counts twice.</summary>
internal sealed class ResumesTwice : Mutant
{
    private Ledger? _ledger;

    public override RunLedger NewLedger(RunPlan plan) => _ledger = new Ledger(plan.Shards.Count, plan.NewTotals);

    public override IEnumerable<CoordinatorInput> Hears(CoordinatorInput input)
    {
        _ledger!.IsResumed = true;
        return [input];
    }

    private sealed class Ledger(int shards, Func<Totals> newTotals) : RunLedger(shards, newTotals)
    {
        public bool IsResumed { get; set; }

        public override Settlement Settle(ShardResult result)
        {
            if (!IsResumed)
            {
                Totals.Add(result.Totals);
            }

            return base.Settle(result);
        }
    }
}
