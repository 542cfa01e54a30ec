namespace DistributedLoss.Numerics.Statistics;

/// <summary>Totals that grow with what they see have met more distinct keys than they were given room for.</summary>
/// <param name="what">What there is too much of, in the plural.</param>
/// <param name="limit">How many there may be.</param>
public sealed class LimitExceededException(string what, long limit) : Exception($"There are more than {limit} {what}.")
{
    public string What { get; } = what;

    public long Limit { get; } = limit;
}
