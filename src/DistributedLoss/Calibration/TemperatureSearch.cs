using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Calibration;

/// <summary>How a search ended.</summary>
public enum SearchEnd
{
    /// <summary>Between two neighbouring doubles, or at one where the slope is exactly 0.</summary>
    Minimum,

    /// <summary>Slope and curvature are 0 at T = 1: no temperature near it changes the loss.</summary>
    Flat,

    /// <summary>The loss falls as the temperature goes to 0.</summary>
    Zero,

    /// <summary>The loss falls as the temperature rises without end.</summary>
    Infinity,

    /// <summary>A slope is no number, or infinite: so is the loss.</summary>
    Undefined,
}

/// <summary>
/// Finds the temperature of least loss from sums over the data at a few temperatures a pass: proposes the next ones, takes what a pass found there. The
/// minimum stays bracketed; interpolation only chooses where to look, and the end is a bracket of two neighbouring doubles that the signs of the slopes alone
/// decide. No clock, no randomness, no arithmetic that differs between machines: the same sums, the same steps.
/// </summary>
public sealed class TemperatureSearch
{
    /// <summary>A minimum below it, or above its inverse, is one in the limit.</summary>
    public const double Lowest = 5.421010862427522e-20; // 2^-64

    private const double Highest = 1 / Lowest;

    // Interpolation that agrees with itself to this is as good as the rounding of the sums.
    private const double Settled = 1e-13;

    // Sections of a bracket that interpolation has nothing to say about.
    private const int Sections = 5;

    // Doubles a pass, when it comes to neighbours.
    private const int Neighbours = 6;

    private readonly List<TemperaturePoint> _points = [];
    private TemperaturePoint? _low;
    private TemperaturePoint? _high;
    private double _width = double.PositiveInfinity;
    private int _widened;
    private int _neighbourPasses;

    /// <summary>The temperatures that the next pass shall look at, rising; empty at the end.</summary>
    public IReadOnlyList<double> Next { get; private set; } = [0.5, 1, 2];

    /// <summary>Null before it.</summary>
    public SearchEnd? End { get; private set; }

    /// <summary>All that was looked at, in rising order.</summary>
    public IReadOnlyList<TemperaturePoint> Points => [.. _points.OrderBy(p => p.Temperature)];

    /// <summary>The bracket, whose lower end has a slope above 0 and whose upper end one below; twice the same where the slope is 0.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public (TemperaturePoint Low, TemperaturePoint High) Bracket =>
        _low is not null && _high is not null ? (_low, _high) : throw new InvalidOperationException("the minimum is not bracketed");

    /// <param name="points">At <see cref="Next"/>.</param>
    public void Take(IReadOnlyList<TemperaturePoint> points)
    {
        if (!points.Select(p => p.Temperature).SequenceEqual(Next))
        {
            throw new ArgumentException($"at {string.Join(", ", points.Select(p => p.Temperature))}, not at {string.Join(", ", Next)}", nameof(points));
        }

        _points.AddRange(points);
        if (points.Any(p => !double.IsFinite(p.Slope) || !double.IsFinite(p.Curvature)))
        {
            Finish(SearchEnd.Undefined);
        }
        else if (points.FirstOrDefault(p => p.Temperature == 1) is { Slope: 0, Curvature: <= 0 })
        {
            Finish(SearchEnd.Flat);
        }
        else if (points.FirstOrDefault(p => p.Side == 0) is { } minimum)
        {
            (_low, _high) = (minimum, minimum);
            Finish(SearchEnd.Minimum);
        }
        else
        {
            Narrow(points);
        }
    }

    private void Finish(SearchEnd end) => (End, Next) = (end, []);

    // The first change of sign within the bracket: near the minimum, rounding may make several.
    private void Narrow(IReadOnlyList<TemperaturePoint> points)
    {
        foreach (var point in points)
        {
            if (point.Side > 0)
            {
                _low = point;
            }
            else
            {
                _high = point;
                break;
            }
        }

        if (_low is null || _high is null)
        {
            Widen();
        }
        else if (Ulps(_low, _high) == 1)
        {
            Finish(SearchEnd.Minimum);
        }
        else
        {
            Next = Propose(_low, _high);
        }
    }

    /// <summary>On the side where no bracket's end is: first a few steps, then the end of all, which tells whether there is a minimum.</summary>
    private void Widen()
    {
        double edge = (_low ?? _high)!.Temperature;
        if (edge is Lowest or Highest)
        {
            Finish(_low is null ? SearchEnd.Zero : SearchEnd.Infinity);
        }
        else
        {
            // Evaluating the end of all takes its time: exps below the normal range are slow.
            Next = (_low is null, _widened++) switch
            {
                (true, 0) => [edge / 64, edge / 8, edge / 2],
                (true, _) => [Lowest, edge / (1 << 20), edge / 64],
                (false, 0) => [edge * 2, edge * 8, edge * 64],
                _ => [edge * 64, edge * (1 << 20), Highest],
            };
        }
    }

    private double[] Propose(TemperaturePoint low, TemperaturePoint high)
    {
        double width = HermiteRoot.LogRatio(high.Temperature, low.Temperature);
        bool isSlow = width > _width / 4;
        _width = width;
        long ulps = Ulps(low, high);
        if (ulps <= Neighbours + 1)
        {
            return Between(low, high, Enumerable.Range(1, (int)ulps - 1).Select(i => Bits(low) + i));
        }

        double root = HermiteRoot.Find(low, high, Outside(low, high));
        double doubt = Math.Abs(root - HermiteRoot.Find(low, high));
        if (doubt < Settled || width < Settled)
        {
            return AtNeighbours(low, high, Above(low, root));
        }

        if (isSlow)
        {
            return [.. Enumerable.Range(1, Sections - 1).Select(i => Above(low, width * i / Sections))];
        }

        return [.. new[] { Math.Max(root - doubt, root / 2), root, Math.Min(root + doubt, (root + width) / 2) }.Select(v => Above(low, v))];
    }

    // A small step keeps its digits: exp(v) - 1 to v^4.
    private static double Above(TemperaturePoint low, double logarithm) => logarithm < 1e-4
        ? low.Temperature + (low.Temperature * (logarithm * (1 + (logarithm / 2 * (1 + (logarithm / 3))))))
        : low.Temperature * Elementary.Exp(logarithm);

    /// <summary>Neighbouring doubles around a root that is as good as it can be; where the sums' rounding has it further away, more and more of them.</summary>
    private double[] AtNeighbours(TemperaturePoint low, TemperaturePoint high, double root)
    {
        long first = BitConverter.DoubleToInt64Bits(root);
        long ulps = Ulps(low, high);
        long reach = 1L << (3 * _neighbourPasses);
        if (++_neighbourPasses > 3)
        {
            return Between(low, high, Enumerable.Range(1, Neighbours).Select(i => Bits(low) + (ulps / (Neighbours + 1) * i)));
        }

        long[] offsets = [-6 * reach, -reach, 0, 1, 1 + reach, 1 + (6 * reach)];
        double[] within = Between(low, high, offsets.Select(o => first + o));
        return within.Length > 0 ? within : Between(low, high, [Bits(low) + (ulps / 2)]);
    }

    private static double[] Between(TemperaturePoint low, TemperaturePoint high, IEnumerable<long> bits) =>
        [.. bits.Where(b => b > Bits(low) && b < Bits(high)).Distinct().Order().Select(BitConverter.Int64BitsToDouble)];

    /// <summary>The nearest point that is outside the bracket, by the logarithm.</summary>
    private TemperaturePoint? Outside(TemperaturePoint low, TemperaturePoint high) => _points
        .Where(p => p.Temperature < low.Temperature || p.Temperature > high.Temperature)
        .MinBy(p => p.Temperature < low.Temperature ? low.Temperature / p.Temperature : p.Temperature / high.Temperature);

    private static long Ulps(TemperaturePoint low, TemperaturePoint high) => Bits(high) - Bits(low);

    // The bits of positive doubles are in the order of the doubles, and neighbours differ by 1.
    private static long Bits(TemperaturePoint point) => BitConverter.DoubleToInt64Bits(point.Temperature);
}
