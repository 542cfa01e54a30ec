namespace DistributedLoss.Simulation.World;

internal enum Fault
{
    /// <summary>What a worker says does not arrive.</summary>
    ReportLost,
    ReportCopied,

    /// <summary>What the coordinator says does not arrive.</summary>
    CommandLost,
    CommandCopied,

    /// <summary>Long enough that others overtake it.</summary>
    MessageDelayed,
    WorkerCrashed,

    /// <summary>As by SIGSTOP; everything is done late, when it continues.</summary>
    WorkerPaused,

    /// <summary>For ever, as on a file system that does not answer, and with its connection up.</summary>
    WorkerHung,

    /// <summary>Thought dead, and works on.</summary>
    WorkerSuspected,
    WorkerSlow,

    /// <summary>As by SIGTERM: hands back what it has.</summary>
    WorkerLeaves,
    ShardFailed,

    /// <summary>A result with other bits than those of the data.</summary>
    ResultCorrupted,
    CoordinatorCrashed,

    /// <summary>The crash leaves part of a line in the journal.</summary>
    LineTorn,

    /// <summary>Brokered, as are those below: it is up again after a while, and has what it confirmed.</summary>
    BrokerRestarted,

    /// <summary>The worker's connection ends; the worker works on.</summary>
    WorkerCut,

    /// <summary>A report is kept, and the connection ends ahead of the confirmation.</summary>
    ConfirmLost,

    /// <summary>The coordinator's connection ends when it has dealt with a report, ahead of the acknowledgement.</summary>
    CoordinatorCut,

    /// <summary>Published twice.</summary>
    OfferCopied,
}

/// <summary>
/// Decides what goes wrong. Each decision has a number, and depends on the seed and that number alone; so that a schedule can be run again with some of its
/// faults spared, to find those that matter.
/// </summary>
/// <param name="rates">By fault.</param>
/// <param name="end">The virtual time from which on nothing goes wrong.</param>
/// <param name="spared">Decisions that are for the good.</param>
internal sealed class Faults(ulong seed, double[] rates, TimeSpan end, VirtualClock clock, Coverage coverage, IReadOnlySet<int> spared)
{
    private int _decisions;

    public static int Kinds { get; } = Enum.GetValues<Fault>().Length;

    /// <summary>Decisions that were for the bad, in order.</summary>
    public List<int> Struck { get; } = [];

    public bool AreOver => clock.Now >= end;

    public bool Strikes(Fault fault)
    {
        double rate = rates[(int)fault];
        if (rate == 0 || AreOver)
        {
            return false;
        }

        int decision = _decisions++;
        if (Dice.ToUnit(Dice.Mix(seed + ((ulong)decision * 0xD1342543DE82EF95))) >= rate || spared.Contains(decision))
        {
            return false;
        }

        Struck.Add(decision);
        coverage.Count(fault);
        return true;
    }
}
