using System.Numerics;

namespace DistributedLoss.Numerics.Summation;

/// <summary>
/// An unsigned integer of 128 bits in two plain words. How the framework's UInt128 is passed is not settled, so that no method that holds or takes one
/// can be compiled ahead, nor one that takes a class with a field of it: a process would begin by compiling them (docs/performance.md, Start-up).
/// </summary>
public readonly record struct Wide(ulong High, ulong Low)
{
    public static implicit operator Wide(ulong value) => new(0, value);

    public static implicit operator BigInteger(Wide value) => ((BigInteger)value.High << 64) + value.Low;

    /// <summary>Rounded to nearest, ties to even.</summary>
    public static explicit operator double(Wide value) => value.High == 0 ? value.Low : CorrectRounding.ToDouble(value, 0);

    /// <summary>Modulo 2^128.</summary>
    public static Wide operator +(Wide a, Wide b)
    {
        var low = a.Low + b.Low;
        return new(a.High + b.High + (low < a.Low ? 1UL : 0UL), low);
    }

    public static bool operator <(Wide a, Wide b) => a.High < b.High || (a.High == b.High && a.Low < b.Low);

    public static bool operator >(Wide a, Wide b) => b < a;

    /// <summary>a b, which always fits.</summary>
    public static Wide Product(ulong a, ulong b) => new(Math.BigMul(a, b, out ulong low), low);

    public override string ToString() => ((BigInteger)this).ToString();
}
