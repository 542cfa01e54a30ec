using DistributedLoss.Coordination;

namespace DistributedLoss.Simulation.World;

internal enum Journalling
{
    /// <summary>Results are kept as they are.</summary>
    InMemory,

    /// <summary>The lines that a run directory has, in memory.</summary>
    Lines,

    /// <summary>A run directory on the disk.</summary>
    RunDirectory,
}

/// <summary>What one seed is about: everything that is settled before the first thing happens.</summary>
internal sealed record Scenario
{
    /// <summary>Beyond what faults may do to a shard that is sound.</summary>
    private const int Patient = 1000;

    public required ulong Seed { get; init; }

    public required int Shards { get; init; }

    /// <summary>At the beginning.</summary>
    public required int Workers { get; init; }

    /// <summary>By <see cref="Fault"/>. Most seeds have only some kinds of faults, so that rare ones are not always hidden by frequent ones.</summary>
    public required double[] Rates { get; init; }

    public required TimeSpan FaultsEnd { get; init; }

    public IReadOnlyList<int> BadShards { get; init; } = [];

    /// <summary>Kills every worker that evaluates it.</summary>
    public int? DeadlyShard { get; init; }

    /// <summary>Fails on every worker, in a way that a retry might mend.</summary>
    public int? FailingShard { get; init; }

    public TimeSpan? CancelAt { get; init; }

    /// <summary>Whether anybody notices that a worker is silent.</summary>
    public bool DetectsSilence { get; init; }

    /// <summary>Most time between two ticks, in seconds.</summary>
    public double TickSeconds { get; init; }

    public Journalling Journalling { get; init; }

    /// <summary>Most time that the disk takes; 0 where the coordinator waits for it.</summary>
    public double FlushSeconds { get; init; }

    /// <summary>Of the engine around a brokered run: without news for so long, what is open is offered again.</summary>
    public TimeSpan StallLimit { get; init; }

    public required CoordinatorOptions Options { get; init; }

    /// <summary>For this thread alone.</summary>
    public SimulatedDump Dump => SimulatedDump.OfSize(Shards);

    public static Scenario Draw(long seed)
    {
        var dice = new Dice(Dice.Mix((ulong)seed + 0x5851F42D4C957F2D));
        int shards = 1 + dice.Below(SimulatedDump.MostShards);
        double intensity = dice.Of(0.02, 0.06, 0.15);
        double[] rates = new double[Faults.Kinds];
        for (int i = 0; i < rates.Length; i++)
        {
            rates[i] = dice.Chance(0.5) ? intensity * (0.5 + dice.Unit()) : 0;
        }

        rates[(int)Fault.ResultCorrupted] = dice.Chance(0.05) ? 0.1 : 0;
        rates[(int)Fault.CoordinatorCrashed] *= dice.Of(0.2, 1);
        rates[(int)Fault.LineTorn] = 0.5;
        if (dice.Chance(0.01))
        {
            // At every step.
            rates[(int)Fault.CoordinatorCrashed] = 1;
        }

        var scenario = new Scenario
        {
            Seed = (ulong)seed,
            Shards = shards,
            Workers = 1 + dice.Below(5),
            Rates = rates,
            FaultsEnd = TimeSpan.FromSeconds(dice.Of(1, 5, 20, 60)),
            DetectsSilence = dice.Chance(0.5),
            TickSeconds = dice.Of(0.2, 1, 5),
            Journalling = dice.Chance(0.03) ? Journalling.Lines : Journalling.InMemory,
            Options = new CoordinatorOptions { MaxLosses = Patient },
        };
        // The state machine alone is enough, but for a shard that hangs unheard of.
        bool looksForStalls = dice.Chance(0.5);
        rates[(int)Fault.WorkerHung] *= looksForStalls ? 0.5 : 0;
        scenario = scenario with
        {
            FlushSeconds = dice.Of(0, 0, 0.02, 1),
            StallLimit = looksForStalls ? TimeSpan.FromSeconds(30) : TimeSpan.MaxValue,
            Options = scenario.Options with { IsBrokered = dice.Chance(0.5) },
        };
        return dice.Below(20) switch
        {
            0 or 1 => scenario with { BadShards = [.. Enumerable.Range(0, 1 + dice.Below(3)).Select(_ => dice.Below(shards)).Distinct()] },
            2 => scenario with { DeadlyShard = dice.Below(shards), Options = scenario.Options with { MaxLosses = 1 + dice.Below(4) } },
            3 => scenario with { FailingShard = dice.Below(shards) },
            4 => scenario with { CancelAt = dice.UpTo(3) },
            _ => scenario,
        };
    }
}
