namespace DistributedLoss.Faults.Rounds;

/// <summary>How one round went.</summary>
/// <param name="Happened">The faults, with their times.</param>
/// <param name="Completed">The kinds of the faults that were over before the run was.</param>
/// <param name="Violations">What did not hold.</param>
internal sealed record RoundReport(FaultSchedule Schedule, RunLog Log, TimeSpan Elapsed, string[] Happened, FaultKinds[] Completed, IReadOnlyList<string> Violations)
{
    private const int DigestDigits = 16;

    /// <summary>The kinds of the faults that happened; the run may have ended before one was over.</summary>
    public FaultKinds[] Begun { get; init; } = [];

    /// <summary>Null where there is no result.</summary>
    public string? Digest { get; init; }

    /// <summary>Faults of the schedule that the run was too short for.</summary>
    public int Missed => Schedule.Faults.Count - Completed.Count(k => k != FaultKinds.Workers);

    public bool Held => Violations.Count == 0;

    /// <summary>One line.</summary>
    public override string ToString() => string.Join("; ",
    [
        $"seed {Schedule.Seed} {Schedule.Kinds}: {(Held ? "held" : "NOT HELD")}, {Log.Shards} shards, {Log.TakenAgain} taken again, {Log.Retried} retried, {Log.Speculated} speculated, "
            + $"{Log.Duplicates} duplicates, digest {Digest?[..DigestDigits] ?? "none"}, {Elapsed.TotalSeconds:0.0} s"
            + (Log.Resumed.Count > 0 ? $", resumed at {string.Join(" and ", Log.Resumed)}" : "")
            + (Missed > 0 ? $", over before {Missed} of its faults" : ""),
        .. Happened,
    ]);
}
