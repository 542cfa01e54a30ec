namespace DistributedLoss.Reports.Charts;

/// <summary>Names beside a chart, where room is short; its marks say them in full.</summary>
internal static class Shortened
{
    public static string To(string name, int characters) =>
        name.Length <= characters ? name : char.IsHighSurrogate(name[characters - 2]) ? $"{name.AsSpan(0, characters - 2)}…" : $"{name.AsSpan(0, characters - 1)}…";
}
