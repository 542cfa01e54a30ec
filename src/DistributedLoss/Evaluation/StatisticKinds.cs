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

    /// <summary>Mean probability of each class, and how far it is from the class's share of the labels.</summary>
    ClassProbabilities = 32,

    /// <summary>How often each class is taken for each other.</summary>
    Confusion = 64,

    /// <summary>What costs next to nothing.</summary>
    Default = Calibration | Quantiles | ReciprocalRank,

    /// <summary>What takes a second pass over the classes' probabilities.</summary>
    Probabilities = Brier | Entropy | ClassProbabilities,

    All = Default | Probabilities | Confusion,
}

public static class StatisticNames
{
    /// <summary>Each single kind's name on the command line and in results, from the lowest flag on.</summary>
    public static IReadOnlyList<string> All { get; } =
        ["calibration", "quantiles", "reciprocal-rank", "brier", "entropy", "class-probabilities", "confusion"];

    public static bool HasAny(this StatisticKinds kinds, StatisticKinds others) => (kinds & others) != 0;

    /// <summary>The single kind of a name; none for what is no name.</summary>
    public static StatisticKinds Kind(string name)
    {
        for (int i = 0; i < All.Count; i++)
        {
            if (All[i] == name)
            {
                return (StatisticKinds)(1 << i);
            }
        }

        return StatisticKinds.None;
    }

    /// <summary>The names of those in a set, in the order of <see cref="All"/>.</summary>
    public static IReadOnlyList<string> Of(StatisticKinds kinds)
    {
        var names = new List<string>();
        for (int i = 0; i < All.Count; i++)
        {
            if (kinds.HasAny((StatisticKinds)(1 << i)))
            {
                names.Add(All[i]);
            }
        }

        return names;
    }
}
