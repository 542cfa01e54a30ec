using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DistributedLoss.Numerics;

/// <summary>
/// Searches of spans. The framework's own look for Vector512, which keeps them out of its compiled images on processors that have it: each that a
/// process calls is compiled as it runs, in milliseconds, for a search of nanoseconds (docs/performance.md, Start-up).
/// </summary>
public static class Scan
{
    /// <summary>The index of the first value that is not 0, or -1.</summary>
    public static int FirstNonzero(ReadOnlySpan<long> values)
    {
        var i = 0;
        while (i + 4 <= values.Length && (values[i] | values[i + 1] | values[i + 2] | values[i + 3]) == 0)
            i += 4;
        while (i < values.Length && values[i] == 0)
            i++;
        return i < values.Length ? i : -1;
    }

    /// <inheritdoc cref="FirstNonzero(ReadOnlySpan{long})"/>
    public static int FirstNonzero(ReadOnlySpan<uint> values)
    {
        var i = 0;
        while (i < values.Length && values[i] == 0)
            i++;
        return i < values.Length ? i : -1;
    }

    /// <summary>The index of the last value that is not 0, or -1.</summary>
    public static int LastNonzero(ReadOnlySpan<long> values)
    {
        var i = values.Length - 1;
        while (i >= 3 && (values[i] | values[i - 1] | values[i - 2] | values[i - 3]) == 0)
            i -= 4;
        while (i >= 0 && values[i] == 0)
            i--;
        return i;
    }

    /// <inheritdoc cref="LastNonzero(ReadOnlySpan{long})"/>
    public static int LastNonzero(ReadOnlySpan<uint> values)
    {
        var i = values.Length - 1;
        while (i >= 0 && values[i] == 0)
            i--;
        return i;
    }

    public static bool AreAll(ReadOnlySpan<byte> values, byte value)
    {
        var vectors = MemoryMarshal.Cast<byte, Vector256<byte>>(values);
        var all = Vector256.Create(value);
        foreach (var vector in vectors)
        {
            if (vector != all)
                return false;
        }

        foreach (var one in values[(vectors.Length * Vector256<byte>.Count)..])
        {
            if (one != value)
                return false;
        }

        return true;
    }

    /// <summary>The index of the first value below <paramref name="least"/> or above <paramref name="most"/>, or -1.</summary>
    public static int FirstOutside(ReadOnlySpan<int> values, int least, int most)
    {
        var width = (uint)(most - least);
        var vectors = MemoryMarshal.Cast<int, Vector256<int>>(values);
        var (from, limit) = (Vector256.Create(least), Vector256.Create(width));
        var i = 0;
        while (i + 4 <= vectors.Length && !Vector256.GreaterThanAny(Vector256.Max(Vector256.Max((vectors[i] - from).AsUInt32(), (vectors[i + 1] - from).AsUInt32()),
            Vector256.Max((vectors[i + 2] - from).AsUInt32(), (vectors[i + 3] - from).AsUInt32())), limit))
            i += 4;
        while (i < vectors.Length && !Vector256.GreaterThanAny((vectors[i] - from).AsUInt32(), limit))
            i++;
        i *= Vector256<int>.Count;
        while (i < values.Length && (uint)(values[i] - least) <= width)
            i++;
        return i < values.Length ? i : -1;
    }
}
