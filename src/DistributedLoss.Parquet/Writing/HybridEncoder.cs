using System.Numerics;

namespace DistributedLoss.Parquet.Writing;

/// <summary>
/// Parquet's hybrid of run lengths and bit packing (Encodings.md, "RLE / Bit-Packing Hybrid"), for levels and dictionary indexes. Values
/// come as runs; eight or more equal ones become a run, fewer are packed in groups of eight.
/// </summary>
/// <param name="maxValue">The largest value, which gives the bit width.</param>
internal sealed class HybridEncoder(uint maxValue)
{
    private const int Group = 8;

    private readonly GrowingBuffer _bytes = new();
    private readonly GrowingBuffer _packed = new();
    private readonly uint[] _group = new uint[Group];
    private int _inGroup;

    // The run that is still growing: level runs of one row continue in the next.
    private uint _value;
    private long _count;

    public int BitWidth { get; } = 32 - BitOperations.LeadingZeroCount(maxValue);

    public void Append(uint value, long count = 1)
    {
        if (value == _value || count == 0)
        {
            _count += count;
            return;
        }
        EndRun();
        _value = value;
        _count = count;
    }

    /// <summary>Ends the stream; its bytes stand until the next <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Finish()
    {
        EndRun();
        if (_inGroup > 0)
        {
            // Readers know how many values there are; what pads the last group is never read.
            _group.AsSpan(_inGroup).Clear();
            EndGroup();
        }
        EndPacked();
        return _bytes.Written;
    }

    public void Clear()
    {
        _bytes.Clear();
        _packed.Clear();
        _inGroup = 0;
        _count = 0;
        _value = 0;
    }

    private void EndRun()
    {
        while (_count > 0 && (_inGroup > 0 || _count < Group))
        {
            _group[_inGroup++] = _value;
            _count--;
            if (_inGroup == Group)
            {
                EndGroup();
            }
        }
        while (_count > 0)
        {
            EndPacked();
            uint run = (uint)Math.Min(_count, int.MaxValue);
            _bytes.AppendVarint(run << 1);
            for (int shift = 0; shift < BitWidth; shift += 8)
            {
                _bytes.Append(1)[0] = (byte)(_value >> shift);
            }
            _count -= run;
        }
    }

    private void EndGroup()
    {
        Span<byte> packed = _packed.Append(BitWidth);
        ulong bits = 0;
        int have = 0, at = 0;
        foreach (uint value in _group)
        {
            bits |= (ulong)value << have;
            have += BitWidth;
            for (; have >= 8; have -= 8, bits >>= 8)
            {
                packed[at++] = (byte)bits;
            }
        }
        _inGroup = 0;
    }

    private void EndPacked()
    {
        if (_packed.Length > 0)
        {
            uint groups = (uint)(_packed.Length / BitWidth);
            _bytes.AppendVarint((groups << 1) | 1);
            _bytes.Append(_packed.Written);
            _packed.Clear();
        }
    }
}
