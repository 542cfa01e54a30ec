namespace DistributedLoss.Evaluation;

/// <summary>Statistics that can be left out, or asked for. docs/results.md has what each costs.</summary>
[Flags]
public enum StatisticKinds
{
    None = 0,

    /// <summary>Reliability bins with ECE and MCE.</summary>
    Calibration = 1,

    /// <summary>Quantiles and histogram of the row losses.</summary>
    Quantiles = 2,

    /// <summary>Mean reciprocal rank of the label.</summary>
    ReciprocalRank = 4,

    /// <summary>Brier score.</summary>
    Brier = 8,

    /// <summary>Mean entropy of the predicted distribution.</summary>
    Entropy = 16,

    /// <summary>Mean probability of each class, and its bias.</summary>
    ClassProbabilities = 32,

    /// <summary>How often each class is taken for each other.</summary>
    Confusion = 64,

    /// <summary>What costs next to nothing.</summary>
    Default = Calibration | Quantiles | ReciprocalRank,

    All = Default | Confusion,
}

public static class StatisticNames
{
    /// <summary>Each single kind with its name on the command line and in results.</summary>
    public static IReadOnlyList<(string Name, StatisticKinds Kind)> All { get; } =
    [
        ("calibration", StatisticKinds.Calibration),
        ("quantiles", StatisticKinds.Quantiles),
        ("reciprocal-rank", StatisticKinds.ReciprocalRank),
        ("confusion", StatisticKinds.Confusion),
    ];

    /// <summary>The names of those in a set, in the order of <see cref="All"/>.</summary>
    public static IReadOnlyList<string> Of(StatisticKinds kinds) => [.. All.Where(k => kinds.HasFlag(k.Kind)).Select(k => k.Name)];
}
