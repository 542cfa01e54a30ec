using DistributedLoss.Wire;
using DistributedLoss.Wire.Messages;
using Google.Protobuf;

namespace DistributedLoss.Tests.Wire;

public class WireChunksTests
{
    private const int FrameBytes = WireChunks.MinFrameBytes;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(FrameBytes - WireChunks.Overhead)]
    public void A_short_message_is_one_frame(int length)
    {
        byte[] message = Bytes(length);
        byte[] frame = Assert.Single(WireChunks.Cut(message, 1, FrameBytes));
        Assert.InRange(frame.Length, 1, FrameBytes);
        var assembler = new ChunkAssembler(0);
        Assert.Equal(message, assembler.Add("a", frame));
        Assert.Equal(message, assembler.Add("a", frame));
        Assert.Equal(0, assembler.HeldBytes);
    }

    [Fact]
    public void Messages_of_all_lengths_come_back_in_any_order_of_frames_none_of_which_is_too_long()
    {
        var random = new Random(1);
        var assembler = new ChunkAssembler(20_000);
        ulong number = ulong.MaxValue - 5000;
        for (int length = FrameBytes - WireChunks.Overhead + 1; length < 4000; length++)
        {
            byte[] message = Bytes(length);
            byte[][] frames = [.. WireChunks.Cut(message, number++, FrameBytes)];
            Assert.All(frames, f => Assert.InRange(f.Length, 1, FrameBytes));
            random.Shuffle(frames);
            Assert.All(frames[..^1], f => Assert.Null(assembler.Add("a", f)));
            Assert.Equal(message, assembler.Add("a", frames[^1]));
        }
    }

    [Fact]
    public void Long_messages_have_no_more_frames_than_they_need()
    {
        var frames = WireChunks.Cut(new byte[10_000_000], ulong.MaxValue, 120_000).ToArray();
        Assert.Equal(84, frames.Length);
        Assert.InRange(frames.Max(f => f.Length), 119_000, 120_000);
    }

    [Fact]
    public void A_complete_message_is_passed_on_once_and_drops_older_ones_of_its_sender_alone()
    {
        var assembler = new ChunkAssembler(10_000);
        byte[][] first = Cut(1), second = Cut(2), other = Cut(1);
        Assert.Null(assembler.Add("a", first[0]));
        Assert.Null(assembler.Add("b", other[0]));
        Assert.Null(assembler.Add("a", second[0]));
        Assert.NotNull(assembler.Add("a", second[1]));
        Assert.Null(assembler.Add("a", first[1]));
        Assert.Null(assembler.Add("a", second[0]));
        Assert.Null(assembler.Add("a", second[1]));
        Assert.NotNull(assembler.Add("b", other[1]));
    }

    [Fact]
    public void What_a_forgotten_sender_left_is_gone()
    {
        var assembler = new ChunkAssembler(10_000);
        byte[][] frames = Cut(1);
        Assert.Null(assembler.Add("a", frames[0]));
        Assert.InRange(assembler.HeldBytes, 150, 10_000);
        assembler.Forget("a");
        assembler.Forget("nobody");
        Assert.Equal(0, assembler.HeldBytes);
        Assert.Null(assembler.Add("a", frames[1]));
        Assert.NotNull(assembler.Add("a", frames[0]));
    }

    [Fact]
    public void Beyond_the_budget_a_message_is_refused_and_those_under_way_go_on()
    {
        var assembler = new ChunkAssembler(1500);
        byte[][] a = Cut(1), b = Cut(1), c = Cut(1);
        Assert.Null(assembler.Add("a", a[0]));
        Assert.Null(assembler.Add("b", b[0]));
        Assert.Contains("of 1500 bytes are taken", Assert.Throws<WireException>(() => assembler.Add("c", c[0])).Message, StringComparison.Ordinal);
        Assert.NotNull(assembler.Add("a", a[1]));
        assembler.Forget("a");
        Assert.Null(assembler.Add("c", c[0]));
    }

    [Fact]
    public void Where_room_is_short_a_sender_s_later_message_takes_that_of_its_own_lost_ones()
    {
        var assembler = new ChunkAssembler(700);
        Assert.Null(assembler.Add("a", Cut(1)[0]));
        byte[][] later = Cut(2);
        Assert.Null(assembler.Add("a", later[0]));
        Assert.NotNull(assembler.Add("a", later[1]));
    }

    [Fact]
    public void A_frame_that_declares_the_world_allocates_nothing()
    {
        var assembler = new ChunkAssembler(1 << 20);
        var frame = new FrameMessage { Version = 1, Message = 1, Count = int.MaxValue, Length = int.MaxValue - 64, Part = ByteString.CopyFrom(1), End = true };
        Assert.Throws<WireException>(() => assembler.Add("a", frame.ToByteArray()));
        frame.Length = (uint)Array.MaxLength;
        frame.Count = frame.Length;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("are taken", Assert.Throws<WireException>(() => assembler.Add("a", frame.ToByteArray())).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        Assert.Equal(0, assembler.HeldBytes);
    }

    [Fact]
    public void Frames_that_cannot_be_or_contradict_others_are_refused()
    {
        foreach (var change in (Action<FrameMessage>[])
            [
                f => f.Version = 2, f => f.Message = 0, f => f.Count = 0, f => f.Index = 2, f => f.Count = 3, f => f.Count = uint.MaxValue,
                f => f.Length = 149, f => f.Length = uint.MaxValue, f => f.Length = 0, f => f.Part = ByteString.Empty, f => f.End = false,
                f => f.Part = ByteString.CopyFrom(new byte[75]),
                f => (f.Count, f.Length, f.Part) = (3, 225, ByteString.CopyFrom(new byte[75])),
            ])
        {
            var assembler = new ChunkAssembler(10_000);
            byte[][] frames = Cut(1);
            Assert.Null(assembler.Add("a", frames[0]));
            var frame = FrameMessage.Parser.ParseFrom(frames[0]);
            change(frame);
            Assert.Throws<WireException>(() => assembler.Add("a", frame.ToByteArray()));
            Assert.NotNull(assembler.Add("a", frames[1]));
        }
    }

    private static byte[][] Cut(ulong number) => [.. WireChunks.Cut(Bytes(150), number, FrameBytes)];

    private static byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
