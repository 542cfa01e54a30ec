using DistributedLoss.Wire.Messages;
using Google.Protobuf;

namespace DistributedLoss.Wire;

/// <summary>Cuts bytes into frames that a transport takes (messages.proto, FrameMessage). <see cref="ChunkAssembler"/> puts them together again.</summary>
public static class WireChunks
{
    /// <summary>Fewest bytes that a frame may have.</summary>
    public const int MinFrameBytes = 128;

    // A tag and a varint for each of version, message, index, count and length, the part's tag and length, and the end: 2 + 11 + 4 x 6 + 2.
    internal const int Overhead = 39;

    /// <param name="number">Of the message: higher with each of its sender, from 1 on.</param>
    /// <param name="frameBytes">Most bytes of a frame, all in all.</param>
    /// <returns>One frame or more, each made when it is asked for; the message's bytes must stay as they are until then.</returns>
    public static IEnumerable<byte[]> Cut(ReadOnlyMemory<byte> message, ulong number, int frameBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frameBytes, MinFrameBytes);
        ArgumentOutOfRangeException.ThrowIfZero(number);
        int room = frameBytes - Overhead;
        int count = Math.Max(1, (int)(((long)message.Length + room - 1) / room));
        return Enumerable.Range(0, count).Select(index =>
        {
            var (start, end) = Range(message.Length, count, index);
            return new FrameMessage
            {
                Version = WireBytes.Version,
                Message = number,
                Index = (uint)index,
                Count = (uint)count,
                Length = (uint)message.Length,
                Part = UnsafeByteOperations.UnsafeWrap(message[start..end]),
                End = true,
            }.ToByteArray();
        });
    }

    /// <summary>The bytes of a message that a frame has: as many in each as in any other, apart from the last.</summary>
    /// <exception cref="WireException">Not so many bytes can be cut into so many frames.</exception>
    internal static (int Start, int End) Range(int length, int count, int index)
    {
        long part = ((long)length + count - 1) / count;
        long start = part * index;
        return start < length || (length == 0 && count == 1)
            ? ((int)start, (int)Math.Min(start + part, length))
            : throw new WireException($"Frame: {index} of {count} has none of {length} bytes");
    }
}
