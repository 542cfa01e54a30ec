namespace DistributedLoss.Remote.Reading;

/// <summary>How the column chunks of a shard are cut into requests. Sizes in bytes.</summary>
internal static class RangePlan
{
    /// <summary>A request this long takes far longer than its latency, on links where latency matters.</summary>
    private const int MostBytes = 4 << 20;

    // As small as the windows of flat columns are.
    private const int LeastBytes = 16 << 10;

    // More is fetched with two requests than between them.
    private const int MostGap = 64 << 10;

    // A chunk that is read at a few places at once needs as many blocks, and as many ahead.
    private const int BlocksOfRange = 12;

    /// <summary>Gives each range its blocks, and forgets the list.</summary>
    public static void Make(RemoteFile file, List<RemoteRange> ranges, int budget)
    {
        ranges.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        long shortest = Math.Clamp(budget / 4 / Math.Max(1, ranges.Count), LeastBytes, MostBytes);
        var together = new List<RemoteRange>();
        int longCount = ranges.Count(r => r.End - r.Start > shortest);
        foreach (var range in ranges)
        {
            if (range.End - range.Start > shortest)
            {
                long share = budget / 4 * 3L / longCount;
                range.Blocks = new BlockWindow(file, range.Start, range.End, (int)Math.Clamp(share / BlocksOfRange, LeastBytes, MostBytes), share);
                continue;
            }

            if (together.Count > 0 && (range.Start > together[^1].End + MostGap || range.End - together[0].Start > MostBytes))
            {
                Join(file, together);
            }

            together.Add(range);
        }

        Join(file, together);
        ranges.Clear();
    }

    private static void Join(RemoteFile file, List<RemoteRange> ranges)
    {
        if (ranges.Count == 0)
        {
            return;
        }

        long start = ranges[0].Start, end = ranges.Max(r => r.End);
        var block = new Block(file, start, (int)(end - start), ranges.Count);
        foreach (var range in ranges)
        {
            range.Shared = block;
        }

        ranges.Clear();
    }
}
