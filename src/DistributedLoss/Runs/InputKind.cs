namespace DistributedLoss.Runs;

/// <summary>What the values of a dump look like.</summary>
public enum InputKind
{
    /// <summary>Rows of any numbers.</summary>
    Logits,

    /// <summary>Rows of numbers that are at most 0 and whose exps sum to 1.</summary>
    LogProbs,

    /// <summary>Rows of numbers in [0, 1] that sum to 1.</summary>
    Probs,

    /// <summary>One number a row, of any size.</summary>
    BinaryLogits,

    /// <summary>Numbers in [0, 1]: one a row, or rows that do not all sum to 1.</summary>
    BinaryProbs,
}

public static class InputKinds
{
    /// <summary>The value of <c>--input</c> that declares it.</summary>
    public static string Name(InputKind kind) => kind switch
    {
        InputKind.Logits => "logits",
        InputKind.LogProbs => "log-probs",
        InputKind.Probs => "probs",
        InputKind.BinaryLogits => "binary-logits",
        InputKind.BinaryProbs => "binary-probs",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    public static InputKind? Find(string name) => Enum.GetValues<InputKind>().Cast<InputKind?>().FirstOrDefault(k => Name(k!.Value) == name);
}
