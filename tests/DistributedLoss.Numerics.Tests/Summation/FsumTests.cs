using System.Globalization;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Tests.Summation;

public class FsumTests
{
    [Fact]
    public void Sums_are_those_of_Pythons_fsum()
    {
        var lines = FsumVectors.Lines.Split('\n', StringSplitOptions.TrimEntries);
        Assert.Equal(60, lines.Length);
        foreach (var line in lines)
        {
            var numbers = line.Split(' ').Select(hex => BitConverter.UInt64BitsToDouble(ulong.Parse(hex, NumberStyles.HexNumber))).ToArray();
            var sum = new ExactSum();
            sum.Add(numbers.AsSpan(1));
            Assert.Equal(numbers[0], sum.ToDouble());
        }
    }
}
