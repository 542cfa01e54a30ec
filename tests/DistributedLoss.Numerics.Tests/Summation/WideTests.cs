using System.Numerics;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Tests.Summation;

/// <summary>Against the framework's big integers.</summary>
public sealed class WideTests
{
    private static readonly BigInteger Modulus = BigInteger.One << 128;

    private static readonly ulong[] Words = [0, 1, 2, 1UL << 52, (1UL << 53) + 1, long.MaxValue, 1UL << 63, ulong.MaxValue - 1, ulong.MaxValue];

    public static TheoryData<ulong, ulong> Pairs
    {
        get
        {
            var pairs = new TheoryData<ulong, ulong>();
            foreach (var a in Words)
            {
                foreach (var b in Words)
                    pairs.Add(a, b);
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Is_the_integer_that_big_integers_say(ulong high, ulong low)
    {
        Wide value = new(high, low);
        var expected = (new BigInteger(high) << 64) + low;
        Assert.Equal(expected, (BigInteger)value);
        Assert.Equal(expected.ToString(), value.ToString());
        Assert.Equal((new BigInteger(high) * low).ToString(), Wide.Product(high, low).ToString());
        Assert.Equal((double)new UInt128(high, low), (double)value);
        foreach (var word in Words)
        {
            Wide other = new(low, word);
            Assert.Equal((expected + (BigInteger)other) % Modulus, (BigInteger)(value + other));
            Assert.Equal(expected < (BigInteger)other, value < other);
            Assert.Equal(expected > (BigInteger)other, value > other);
        }
    }
}
