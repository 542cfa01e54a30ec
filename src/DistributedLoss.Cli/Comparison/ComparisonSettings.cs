using DistributedLoss.Cli.Output;
using DistributedLoss.Comparison;
using DistributedLoss.Evaluation;
using DistributedLoss.Results;

namespace DistributedLoss.Cli.Comparison;

/// <summary>One comparison as the command line asks for it.</summary>
internal sealed record ComparisonSettings
{
    public required string A { get; init; }

    public required string B { get; init; }

    /// <summary>Where a dump's rows are, and what their loss is; a result has its own.</summary>
    public required EvaluationOptions Rows { get; init; }

    /// <summary>An option on the command line that says what <see cref="Rows"/> are; null for none.</summary>
    public string? GivenForDumps { get; init; }

    /// <summary>The column of B's logits; null for that of A.</summary>
    public string? LogitsOfB { get; init; }

    public required ComparisonOptions Options { get; init; }

    public ResultFormat Format { get; init; }

    /// <summary>Where the JSON goes besides stdout.</summary>
    public string? Output { get; init; }

    /// <summary>Where the page goes.</summary>
    public string? Report { get; init; }

    /// <summary>What the comparison must keep; a miss is exit code 5.</summary>
    public IReadOnlyList<Threshold> Thresholds { get; init; } = [];
}
