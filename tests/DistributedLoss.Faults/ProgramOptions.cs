using DistributedLoss.Faults.Processes;
using DistributedLoss.Faults.Rounds;

namespace DistributedLoss.Faults;

/// <summary>The command line of scripts/faults.</summary>
internal sealed record ProgramOptions
{
    /// <summary>One after the other where none is named.</summary>
    private static readonly FaultKinds[] Cycle =
        [FaultKinds.Workers, FaultKinds.Coordinator, FaultKinds.Broker, FaultKinds.Pause, FaultKinds.Link, FaultKinds.All];

    public int Rounds { get; private init; } = 20;

    /// <summary>Of the first round; each further one's is one more.</summary>
    public int Seed { get; private init; } = 1;

    /// <summary>Null generates one.</summary>
    public string? Dump { get; private init; }

    /// <summary>Null for as many as make a run of <see cref="Time"/>.</summary>
    public int? Links { get; private init; }

    public TimeSpan Time { get; private init; } = TimeSpan.FromSeconds(20);

    public long ShardBytes { get; private init; } = 16_000_000;

    public FaultKinds? Kinds { get; private init; }

    /// <returns>Null, and why, where an argument is none of these.</returns>
    public static ProgramOptions? Parse(string[] arguments, out string? error)
    {
        var options = new ProgramOptions();
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string? value = i + 1 < arguments.Length ? arguments[i + 1] : null;
            var next = (arguments[i], value) switch
            {
                ("--rounds", { } text) when int.TryParse(text, out int n) && n > 0 => options with { Rounds = n },
                ("--seed", { } text) when int.TryParse(text, out int n) && n >= 0 => options with { Seed = n },
                ("--dump", { } path) when File.Exists(path) => options with { Dump = path },
                ("--links", { } text) when int.TryParse(text, out int n) && n > 0 => options with { Links = n },
                ("--seconds", { } text) when int.TryParse(text, out int n) && n > 0 => options with { Time = TimeSpan.FromSeconds(n) },
                ("--shard-bytes", { } text) when long.TryParse(text, out long n) && n > 0 => options with { ShardBytes = n },
                ("--kind", { } text) when Enum.TryParse(text, ignoreCase: true, out FaultKinds kinds) => options with { Kinds = kinds },
                _ => null,
            };
            if (next is null)
            {
                error = $"faults: {arguments[i]} {value}: not understood; "
                    + "faults [--rounds N] [--seed N] [--dump FILE] [--seconds N] [--links N] [--shard-bytes N] [--kind workers,coordinator,broker,pause,link|all|none]";
                return null;
            }

            options = next;
        }

        error = null;
        return options;
    }

    /// <summary>Of a round, by its index.</summary>
    public FaultKinds KindsOf(int round)
    {
        var kinds = Kinds ?? Cycle[round % Cycle.Length];
        return NetworkLink.Missing is null ? kinds : kinds & ~FaultKinds.Link;
    }
}
