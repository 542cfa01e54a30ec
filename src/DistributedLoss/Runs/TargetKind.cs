namespace DistributedLoss.Runs;

/// <summary>What a row's target is, as the label column's type says.</summary>
public enum TargetKind
{
    /// <summary>A class index: integers.</summary>
    Index,

    /// <summary>A class's name: text, with a list of the classes.</summary>
    Name,

    /// <summary>A probability for each class: lists of floats.</summary>
    Distribution,

    /// <summary>For binary input: a number from 0 to 1, or a list of them, one a class.</summary>
    Binary,
}
