using DistributedLoss.Evaluation;
using DistributedLoss.Wire;

namespace DistributedLoss.Tests.Wire;

/// <summary>What holds of every message between processes.</summary>
public class WireMessageTests
{
    public static TheoryData<string> Names => WireSample.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void A_message_comes_back(string name)
    {
        var sample = WireSample.Of(name);
        Assert.Equal(sample.Bytes, sample.Again(sample.Bytes));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Bytes_cut_at_any_place_or_with_more_behind_them_are_refused(string name)
    {
        var (_, bytes, again) = WireSample.Of(name);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<WireException>(() => again(bytes[..length]));
        }

        Assert.Throws<WireException>(() => again([.. bytes, 0]));
        Assert.Throws<WireException>(() => again([.. bytes, .. bytes]));
        Assert.Throws<WireException>(() => again([.. bytes, 0xf8, 0x07, 1]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Damaged_bytes_are_refused_in_one_line_or_say_something_else_in_full(string name)
    {
        var (_, bytes, again) = WireSample.Of(name);
        var random = new Random(20);
        for (int i = 0; i < 1000; i++)
        {
            byte[] damaged = [.. bytes];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                int at = random.Next(damaged.Length);
                damaged = random.Next(4) switch
                {
                    0 => [.. damaged[..at], (byte)random.Next(256), .. damaged[at..]],
                    1 when damaged.Length > 1 => [.. damaged[..at], .. damaged[(at + 1)..]],
                    _ => [.. damaged[..at], (byte)(damaged[at] ^ (1 << random.Next(8))), .. damaged[(at + 1)..]],
                };
            }

            byte[] read;
            try
            {
                read = again(damaged);
            }
            catch (WireException e)
            {
                Assert.DoesNotContain('\n', e.Message);
                continue;
            }

            Assert.Equal(damaged, read);
        }
    }

    [Fact]
    public void Any_bytes_at_all_are_refused()
    {
        var random = new Random(21);
        byte[] bytes = new byte[64];
        foreach (var sample in WireSample.All)
        {
            for (int i = 0; i < 300; i++)
            {
                random.NextBytes(bytes);
                Assert.Throws<WireException>(() => sample.Again(bytes[..random.Next(bytes.Length)]));
            }
        }
    }
}
