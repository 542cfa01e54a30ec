using DistributedLoss.Wire;

namespace DistributedLoss.Tests.Wire;

public class ChunkFuzzTests
{
    private const int FrameBytes = WireChunks.MinFrameBytes;

    /// <summary>Senders whose frames are interleaved, lost, doubled and swapped: each message is passed on as the rules say, which are kept here a second time.</summary>
    [Fact]
    public void Whatever_way_frames_take_messages_come_whole_or_not_at_all()
    {
        int passed = 0, lost = 0;
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var assembler = new ChunkAssembler(long.MaxValue);
            var lines = Enumerable.Range(0, random.Next(1, 5)).Select(s => (Sender: $"s{s}", Frames: Line(random))).ToArray();
            var models = lines.ToDictionary(l => l.Sender, _ => new Model());
            while (lines.Where(l => l.Frames.Count > 0).ToArray() is { Length: > 0 } open)
            {
                var (sender, frames) = open[random.Next(open.Length)];
                var (number, index, count, message, bytes) = frames[0];
                frames.RemoveAt(0);
                bool isWhole = models[sender].Add(number, index, count);
                byte[]? got = assembler.Add(sender, bytes);
                Assert.True(isWhole == got is not null, $"seed {seed}: message {number} of {sender}");
                Assert.True(got is null || got.AsSpan().SequenceEqual(message), $"seed {seed}: message {number} of {sender} has other bytes");
                passed += isWhole ? 1 : 0;
                lost += isWhole ? 0 : 1;
            }

            foreach (var (sender, _) in lines)
            {
                assembler.Forget(sender);
            }

            Assert.Equal(0, assembler.HeldBytes);
        }

        Assert.True(passed > 1000 && lost > 1000, $"{passed} messages passed, {lost} frames passed nothing on");
    }

    /// <summary>Frames that a hand changed: refused, or taken, and in any case within the budget.</summary>
    [Fact]
    public void Frames_of_any_bytes_do_no_harm()
    {
        const int budget = 5000;
        var random = new Random(4);
        var assembler = new ChunkAssembler(budget);
        int refused = 0;
        for (int i = 0; i < 10_000; i++)
        {
            byte[][] frames = [.. WireChunks.Cut(new byte[random.Next(1000)], (ulong)random.Next(1, 50), FrameBytes)];
            byte[] frame = frames[random.Next(frames.Length)];
            for (int flips = random.Next(4); flips > 0; flips--)
            {
                frame[random.Next(Math.Min(frame.Length, 16))] ^= (byte)(1 << random.Next(8));
            }

            try
            {
                assembler.Add($"s{random.Next(6)}", frame);
            }
            catch (WireException e)
            {
                refused++;
                Assert.DoesNotContain('\n', e.Message);
            }

            Assert.InRange(assembler.HeldBytes, 0, budget);
            if (random.Next(20) == 0)
            {
                assembler.Forget($"s{random.Next(6)}");
            }
        }

        Assert.InRange(refused, 1000, 9000);
    }

    private static List<(ulong Number, int Index, int Count, byte[] Message, byte[] Frame)> Line(Random random)
    {
        var line = new List<(ulong, int, int, byte[], byte[])>();
        for (ulong number = 1; number <= 12; number++)
        {
            byte[] message = new byte[random.Next(4) == 0 ? random.Next(50) : random.Next(600)];
            random.NextBytes(message);
            byte[][] frames = [.. WireChunks.Cut(message, number, FrameBytes)];
            line.AddRange(frames.Select((f, i) => (number, i, frames.Length, message, f)));
        }

        int faults = random.Next(3);
        for (int at = line.Count - 1; at > 0 && faults > 0; at--)
        {
            switch (random.Next(12))
            {
                case 0:
                    line.RemoveAt(at);
                    break;
                case 1:
                    line.Insert(random.Next(at, line.Count), line[at]);
                    break;
                case 2:
                    int other = Math.Max(0, at - random.Next(1, 9));
                    (line[at], line[other]) = (line[other], line[at]);
                    break;
            }
        }

        return line;
    }

    private sealed class Model
    {
        private readonly Dictionary<ulong, HashSet<int>> _open = [];
        private ulong _completed;

        public bool Add(ulong number, int index, int count)
        {
            if (count == 1)
            {
                return true;
            }

            if (number <= _completed)
            {
                return false;
            }

            if (!_open.TryGetValue(number, out var has))
            {
                _open[number] = has = [];
            }

            has.Add(index);
            if (has.Count < count)
            {
                return false;
            }

            _completed = number;
            return true;
        }
    }
}
