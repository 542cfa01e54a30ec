using System.Buffers;

namespace DistributedLoss.Numerics.Tests.Statistics;

internal delegate T Reader<T>(ReadOnlySpan<byte> source, out int bytesRead);

/// <summary>What every accumulator of statistics must do, whatever it counts: the laws of its merging and of its bytes.</summary>
/// <param name="New">An empty one.</param>
/// <param name="Add">Adds rows in bulk.</param>
internal sealed record Mergeable<T, TRow>(
    Func<T> New, Action<T, TRow[]> Add, Action<T, T> Merge, Action<T> Clear, Action<T, IBufferWriter<byte>> Write, Reader<T> Read)
{
    public T Of(params TRow[] rows)
    {
        var totals = New();
        Add(totals, rows);
        return totals;
    }

    public byte[] Bytes(T totals)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(totals, output);
        return output.WrittenSpan.ToArray();
    }

    public T ReadBack(T totals)
    {
        var bytes = Bytes(totals);
        var read = Read([.. bytes, 7, 7], out var length);
        Assert.Equal(bytes.Length, length);
        return read;
    }

    /// <summary>Shuffled, cut anywhere, some parts sent as bytes, merged by a random tree: the bytes are those of one pass.</summary>
    public void AssertOrderAndMergingChangeNoByte(Func<Random, TRow> row, int seeds = 100, int most = 400)
    {
        for (var seed = 0; seed < seeds; seed++)
        {
            var random = new Random(seed);
            TRow[] rows = [.. Enumerable.Range(0, random.Next(most)).Select(_ => row(random))];
            var expected = Bytes(Of(rows));
            random.Shuffle(rows);
            var parts = Parts(random, rows).Select(part => Of(part)).ToList();
            while (parts.Count > 1)
            {
                var (into, from) = (random.Next(parts.Count), random.Next(parts.Count - 1));
                from += from >= into ? 1 : 0;
                Merge(parts[into], random.Next(3) == 0 ? ReadBack(parts[from]) : parts[from]);
                parts.RemoveAt(from);
            }

            Assert.Equal(expected, Bytes(parts[0]));
        }
    }

    /// <summary>The first partial result that a merge meets is where others have counted twice, or lost what stood there.</summary>
    public void AssertPartsCountOnce(TRow[] first, TRow[] second)
    {
        Assert.NotEqual(Bytes(Of(first)), Bytes(Of([.. first, .. first])));
        var (a, b) = (Of(first), Of(second));
        var (bytesA, bytesB) = (Bytes(a), Bytes(b));

        var intoEmpty = New();
        Merge(intoEmpty, a);
        Assert.Equal(bytesA, Bytes(intoEmpty));
        Merge(intoEmpty, New());
        Assert.Equal(bytesA, Bytes(intoEmpty));
        Merge(intoEmpty, b);
        Assert.Equal(Bytes(Of([.. first, .. second])), Bytes(intoEmpty));

        // The parts are as they were, and share nothing with what they went into.
        Assert.Equal(bytesA, Bytes(a));
        Assert.Equal(bytesB, Bytes(b));
        Add(intoEmpty, first);
        Assert.Equal(bytesA, Bytes(a));
        Assert.Equal(Bytes(Of([.. first, .. second, .. first])), Bytes(intoEmpty));

        Merge(a, a);
        Assert.Equal(Bytes(Of([.. first, .. first])), Bytes(a));
    }

    /// <summary>Cleared is new; what was cleared can be used again.</summary>
    public void AssertClearedIsNew(TRow[] rows)
    {
        var totals = Of(rows);
        Clear(totals);
        Assert.Equal(Bytes(New()), Bytes(totals));
        Add(totals, rows);
        Assert.Equal(Bytes(Of(rows)), Bytes(totals));
    }

    /// <summary>Every prefix is refused; damaged bytes are refused, or are what the totals read from them write.</summary>
    public void AssertOnlyCanonicalBytesAreRead(TRow[] rows)
    {
        var good = Bytes(Of(rows));
        for (var length = 0; length < good.Length; length++)
            Assert.Throws<FormatException>(() => Read(good.AsSpan(0, length), out _));
        var (random, refused) = (new Random(1), 0);
        for (var trial = 0; trial < 3000; trial++)
        {
            var bytes = (byte[])good.Clone();
            for (var damages = random.Next(1, 4); damages > 0; damages--)
                bytes[random.Next(bytes.Length)] = (byte)(random.Next(2) == 0 ? random.Next(256) : random.Next(3));
            try
            {
                var read = Read(bytes, out var length);
                Assert.Equal(bytes[..length], Bytes(read));
            }
            catch (FormatException)
            {
                refused++;
            }
        }

        Assert.NotEqual(0, refused);
    }

    /// <summary>Bytes with one place overwritten are refused, with a reason.</summary>
    public void AssertRefused(byte[] good, string reason, params (int At, byte Value)[] damages)
    {
        var bytes = (byte[])good.Clone();
        foreach (var (at, value) in damages)
            bytes[at] = value;
        Assert.Contains(reason, Assert.Throws<FormatException>(() => Read(bytes, out _)).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<TRow[]> Parts(Random random, TRow[] rows)
    {
        var start = 0;
        do
        {
            var length = random.Next(4) == 0 ? 0 : random.Next(rows.Length - start + 1);
            yield return rows[start..(start + length)];
            start += length;
        }
        while (start < rows.Length);
    }
}
