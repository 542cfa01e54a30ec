using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DistributedLoss.Numerics.Statistics;

internal static class Extremes
{
    /// <summary>The least and the greatest value, NaNs passed over; (+infinity, -infinity) if there is none. The sign of a zero is not defined.</summary>
    public static (double Least, double Greatest) Of(ReadOnlySpan<double> values)
    {
        var least = Vector256.Create(double.PositiveInfinity);
        var greatest = Vector256.Create(double.NegativeInfinity);
        var vectors = MemoryMarshal.Cast<double, Vector256<double>>(values);

        // Each comparison waits for the last: a second pair fills the wait.
        var (otherLeast, otherGreatest) = (least, greatest);
        for (var i = 0; i + 1 < vectors.Length; i += 2)
        {
            (least, greatest) = (Less(vectors[i], least), Greater(vectors[i], greatest));
            (otherLeast, otherGreatest) = (Less(vectors[i + 1], otherLeast), Greater(vectors[i + 1], otherGreatest));
        }

        if (vectors.Length % 2 != 0)
            (least, greatest) = (Less(vectors[^1], least), Greater(vectors[^1], greatest));
        (least, greatest) = (Less(otherLeast, least), Greater(otherGreatest, greatest));
        foreach (var value in values[(vectors.Length * Vector256<double>.Count)..])
            (least, greatest) = (Less(Vector256.Create(value), least), Greater(Vector256.Create(value), greatest));
        var (low, high) = (least[0], greatest[0]);
        for (var lane = 1; lane < Vector256<double>.Count; lane++)
            (low, high) = (least[lane] < low ? least[lane] : low, greatest[lane] > high ? greatest[lane] : high);
        return (low, high);
    }

    // Select by comparison, not Min and Max: a NaN must lose on either side.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Less(Vector256<double> value, Vector256<double> least) =>
        Vector256.ConditionalSelect(Vector256.LessThan(value, least), value, least);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Greater(Vector256<double> value, Vector256<double> greatest) =>
        Vector256.ConditionalSelect(Vector256.GreaterThan(value, greatest), value, greatest);
}
