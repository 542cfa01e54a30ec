using DistributedLoss.Coordination;
using DistributedLoss.Runs;
using DistributedLoss.Simulation.World;

namespace DistributedLoss.Simulation.Mutants;

/// <summary>What can be broken on purpose, from outside, about the coordinator; as it is, nothing.</summary>
internal class Mutant
{
    public static readonly Mutant None = new();

    /// <summary>In how many seeds it must show.</summary>
    public virtual int Seeds => 100;

    public virtual RunLedger NewLedger(RunPlan plan) => new(plan.Shards.Count, plan.NewTotals);

    public virtual IEnumerable<CoordinatorInput> Hears(CoordinatorInput input) => [input];

    public virtual IReadOnlyList<CoordinatorOutput> Says(IReadOnlyList<CoordinatorOutput> outputs) => outputs;

    public virtual void Append(ISimulatedJournal journal, ShardResult result) => journal.Append(result);
}
