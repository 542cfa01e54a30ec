using DistributedLoss.Parquet.Pages;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Parquet.Tests.Pages;

public class HybridRunsTests
{
    /// <summary>Seed and bit width: random runs of both kinds, packed by an encoder that knows nothing but the specification.</summary>
    public static TheoryData<int, int> Streams()
    {
        var data = new TheoryData<int, int>();
        foreach (var width in new[] { 1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 24, 31, 32 })
        {
            for (var seed = 0; seed < 6; seed++)
                data.Add(seed, width);
        }
        return data;
    }

    [Theory, MemberData(nameof(Streams))]
    public unsafe void Every_way_of_consuming_runs_agrees_with_the_values_one_by_one(int seed, int width)
    {
        var random = new Random(seed);
        var (values, bytes) = Encode(random, width);
        fixed (byte* start = bytes)
        {
            var feed = new ByteFeed(new PageContext(null, "x"));
            feed.OpenMemory(start, bytes.Length - 8);
            var runs = new HybridRuns(feed);
            runs.Open(width, uint.MaxValue >> (32 - width), values.Length);
            for (var at = 0; at < values.Length;)
                at += Consume(runs, random, values.AsSpan(at));
            Assert.Equal(0, runs.Left);
            Assert.Throws<ParquetException>(() => runs.TakeOne());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public unsafe void Lists_are_found_by_the_word_only_where_the_next_one_shows(uint highest)
    {
        var most = highest == 1 ? 56 : 27;
        foreach (var length in new[] { 1, 2, 3, 10, most - 1, most, most + 1 })
        {
            uint[] levels = [.. Enumerable.Range(0, 40 * length).Select(i => i % length == 0 ? highest - 1 : highest)];
            byte[] bytes = [.. Pack(levels, (int)highest), .. new byte[8]];
            fixed (byte* start = bytes)
            {
                var feed = new ByteFeed(new PageContext(null, "x"));
                feed.OpenMemory(start, bytes.Length - 8);
                var runs = new HybridRuns(feed);
                runs.Open((int)highest, highest, levels.Length);
                Assert.Equal(highest - 1, runs.PeekOne());
                Assert.Equal(1, runs.TakeEqual(highest - 1, 1));
                Assert.Equal(length - 1, length == 1 ? 0 : runs.TakeEqual(highest, length - 1));
                var lists = runs.TakeLists(highest, length, 1000);
                Assert.Equal(levels.Length - length - (lists * length), runs.Left);
                Assert.InRange(lists, 0, 38);
                Assert.True(length > most ? lists == 0 : lists >= 38 - (56 / length), $"{lists} lists of {length}");
            }
        }
    }

    [Fact]
    public unsafe void Lists_of_a_row_are_not_taken_beyond_the_row()
    {
        // Two positions of twenty values, then the first of another row.
        uint[] levels = [.. new uint[] { 1, 1, 0 }.SelectMany(begin => Enumerable.Repeat(2u, 19).Prepend(begin))];
        byte[] bytes = [.. Pack(levels, 2), .. new byte[8]];
        fixed (byte* start = bytes)
        {
            var feed = new ByteFeed(new PageContext(null, "x"));
            feed.OpenMemory(start, bytes.Length - 8);
            var runs = new HybridRuns(feed);
            runs.Open(2, 2, levels.Length);
            Assert.Equal(1u, runs.PeekOne());
            Assert.Equal(1, runs.TakeLists(2, 20, bound: 1));
            Assert.Equal(1, runs.TakeLists(2, 20, bound: 9));
            Assert.Equal(20, runs.Left);
            Assert.Equal(0u, runs.PeekOne());
        }
    }

    /// <summary>Lists of one length come as the same runs over and over, and are taken as such; one that is shorter or longer stands where it stands.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(1, 10)]
    [InlineData(1, 63)]
    [InlineData(1, 64)]
    [InlineData(2, 3)]
    [InlineData(2, 31)]
    public unsafe void Lists_of_one_length_are_taken_across_runs_up_to_another(uint highest, int length)
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            int[] lengths = [.. Enumerable.Range(0, 600).Select(i => i == 100 * seed / 8 && seed % 4 > 0 ? random.Next(1, 3 * length) : length)];
            uint[] levels = [.. lengths.SelectMany(n => Enumerable.Repeat(highest, n - 1).Prepend(highest - 1))];
            var encoder = new HybridEncoder(highest);
            foreach (var level in levels)
                encoder.Append(level);
            byte[] bytes = [.. encoder.Finish(), .. new byte[8]];
            fixed (byte* start = bytes)
            {
                var feed = new ByteFeed(new PageContext(null, "x"));
                feed.OpenMemory(start, bytes.Length - 8);
                var runs = new HybridRuns(feed);
                runs.Open(encoder.BitWidth, highest, levels.Length);
                for (var list = 0; list < lengths.Length;)
                {
                    var bound = random.Next(1, 700);
                    var taken = runs.TakeLists(highest, length, bound, out var open);
                    Assert.All(lengths.Skip(list).Take((int)taken), n => Assert.Equal(length, n));
                    Assert.InRange((taken * length) + open, 0, (long)bound * length);
                    list += (int)taken;
                    if (open == 0)
                        Assert.Equal(1, runs.TakeEqual(highest - 1, 1));
                    Assert.Equal(lengths[list], Math.Max(open, 1) + runs.TakeEqual(highest, levels.Length));
                    list++;
                }
                Assert.Equal(0, runs.Left);
            }
        }
    }

    [Theory]
    [InlineData("06", 1, 3, "ends early")]
    [InlineData("0604", 2, 3, "level or dictionary index 4 where at most 2 is possible")]
    [InlineData("03ffff", 2, 8, "level or dictionary index 3 where at most 2 is possible")]
    [InlineData("ffffffffff7f01", 1, 9, "more than 32 bits")]
    public unsafe void Damaged_runs_are_refused(string hex, int width, int count, string message)
    {
        byte[] bytes = [.. Convert.FromHexString(hex), .. new byte[8]];
        fixed (byte* start = bytes)
        {
            var feed = new ByteFeed(new PageContext(null, "x"));
            feed.OpenMemory(start, bytes.Length - 8);
            var runs = new HybridRuns(feed);
            runs.Open(width, 2, count);
            var refusal = Assert.Throws<ParquetException>(() => runs.Expand(new uint[count]));
            Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        }
    }

    private static int Consume(HybridRuns runs, Random random, ReadOnlySpan<uint> expected)
    {
        var bound = random.Next(1, Math.Min(expected.Length, 70) + 1);
        switch (random.Next(4))
        {
            case 0:
                var expanded = new uint[bound];
                runs.Expand(expanded);
                Assert.Equal(expected[..bound].ToArray(), expanded);
                return bound;
            case 1:
                var value = random.Next(3) == 0 ? 0u : expected[0];
                var equal = expected[..bound].IndexOfAnyExcept(value);
                equal = equal < 0 ? bound : equal;
                Assert.Equal(equal, runs.TakeEqual(value, bound));
                return equal;
            case 2:
                Assert.Equal(expected[..bound].Count(expected[0]), runs.Count(expected[0], bound, least: 0));
                return bound;
            default:
                Assert.Equal(expected[0], runs.TakeOne());
                return 1;
        }
    }

    private static (uint[] Values, byte[] Bytes) Encode(Random random, int width)
    {
        var (values, bytes) = (new List<uint>(), new List<byte>());
        var max = uint.MaxValue >> (32 - width);
        for (var run = 0; run < 30; run++)
        {
            var value = (uint)random.NextInt64(max + 1L);
            if (random.Next(2) == 0)
            {
                var count = random.Next(1, 200);
                AddVarint(bytes, (uint)count << 1);
                for (var i = 0; i < (width + 7) / 8; i++)
                    bytes.Add((byte)(value >> (8 * i)));
                values.AddRange(Enumerable.Repeat(value, count));
            }
            else
            {
                // Mostly one value: long equal stretches inside packed runs are what levels look like.
                uint[] packed = [.. Enumerable.Range(0, 8 * random.Next(1, 20)).Select(_ => random.Next(9) == 0 ? (uint)random.NextInt64(max + 1L) : value)];
                bytes.AddRange(Pack(packed, width));
                values.AddRange(packed);
            }
        }
        // Eight bytes that may be loaded, and must not matter.
        bytes.AddRange(Enumerable.Repeat((byte)0xa5, 8));
        return ([.. values], [.. bytes]);
    }

    private static byte[] Pack(uint[] values, int width)
    {
        var bytes = new List<byte>();
        AddVarint(bytes, (uint)((values.Length + 7) / 8 << 1) | 1);
        var packed = new byte[(values.Length + 7) / 8 * width];
        for (var bit = 0; bit < values.Length * width; bit++)
            packed[bit / 8] |= (byte)(((values[bit / width] >> (bit % width)) & 1) << (bit % 8));
        return [.. bytes, .. packed];
    }

    private static void AddVarint(List<byte> bytes, uint value)
    {
        for (; value > 0x7f; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
    }
}
