namespace DistributedLoss.Benchmarks;

/// <summary>A suite whose calls do countable work; known from its parameters alone, before any setup.</summary>
public interface IUnits
{
    /// <summary>What is counted, in the singular.</summary>
    string Unit { get; }

    /// <summary>Of one call.</summary>
    long Units { get; }
}
