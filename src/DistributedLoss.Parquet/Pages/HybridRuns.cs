using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DistributedLoss.Parquet.Pages;

/// <summary>
/// Parquet's RLE/bit-packed hybrid, read run by run: a piece is a repeated value with a count, or a stretch of bit-packed values.
/// Nothing is expanded: callers consume whole runs, and search packed stretches a 64-bit word at a time.
/// (https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE)
/// </summary>
internal sealed unsafe class HybridRuns(ByteFeed feed)
{
    // A word loaded at any bit position holds at least this many useful bits.
    private const int WordBits = 57;
    private const int WholeWord = 64;
    private int _width;
    private uint _max;
    private long _unread;
    private long _left;
    private long _runLeft;
    private bool _packed;
    private uint _value;
    private byte* _bits;
    private long _bit;
    private int _lanes;
    private ulong _everyLane;

    /// <summary>Values not consumed yet.</summary>
    public long Left => _left + _unread;

    /// <summary>The current run's value; meaningful while <see cref="RepeatedLeft"/> is positive.</summary>
    public uint RepeatedValue => _value;

    /// <summary>Values left in the run that comes next if it is one of a repeated value; zero inside a bit-packed stretch and at the end.</summary>
    public long RepeatedLeft()
    {
        if (_left == 0 && _unread > 0)
            NextPiece();
        return _packed ? 0 : _left;
    }

    /// <param name="width">Bits per value, 0 to 32.</param>
    /// <param name="max">The largest legal value.</param>
    /// <param name="count">Values in the page.</param>
    public void Open(int width, uint max, long count)
    {
        (_width, _max, _unread, _left, _runLeft, _packed) = (width, max, count, 0, 0, false);
        _lanes = width == 0 ? 0 : WordBits / width;
        _everyLane = 0;
        for (var i = 0; i < _lanes; i++)
            _everyLane |= 1ul << (i * width);
    }

    /// <summary>Consumes the leading values that equal <paramref name="value"/>, at most <paramref name="limit"/>, and says how many they were.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long TakeEqual(uint value, long limit)
    {
        if (!_packed && _value == value && _left >= limit)
        {
            _left -= limit;
            return limit;
        }
        return TakeEqualSlowly(value, limit);
    }

    /// <summary>
    /// Consumes leading lists as their repetition levels show them (a level below the highest, then <paramref name="length"/> - 1 times the highest), several with
    /// one comparison. Stops early where it is not plain: at the end of a packed stretch, and at a list after which no other begins.
    /// </summary>
    /// <param name="highest">The level of another value in the same list: 1, or 2 for lists of lists; each begins with the level below.</param>
    public long TakeLists(uint highest, int length, long bound)
    {
        var bits = length * _width;
        if (!_packed || _width != highest || bits + _width > WordBits)
            return 0;
        var list = (ulong)highest - 1;
        for (var i = 1; i < length; i++)
            list |= (ulong)highest << (i * _width);
        var atOnce = (WordBits - _width) / bits;
        var pattern = 0ul;
        for (var i = 0; i < atOnce; i++)
            pattern |= list << (i * bits);
        bits *= atOnce;
        // The highest level alone has its highest bit set: where that is clear, a list begins.
        var mask = Mask(bits) | 1ul << (bits + _width - 1);
        var lists = 0L;
        while (lists + atOnce <= bound && _left > length * atOnce && (Word() & mask) == pattern)
        {
            lists += atOnce;
            _bit += bits;
            _left -= length * atOnce;
        }
        return lists;
    }

    /// <summary>
    /// Consumes leading lists as the other does, a word at a time, across the ends of packed stretches and up to where something else comes: in the middle of a list, if
    /// that is where it is. A list is complete when the next one begins.
    /// </summary>
    /// <param name="open">Entries consumed of a list that is not known to be complete; it may have more.</param>
    /// <returns>The complete lists before that one.</returns>
    public long TakeLists(uint highest, int length, long bound, out int open)
    {
        var (taken, want) = (0L, bound * length);
        if (_width == highest && length * _width < WholeWord)
        {
            var pattern = ListPattern(highest, length);
            var mark = new Mark(-1, 0, 0);
            while (taken < want)
            {
                var phase = (int)(taken % length);
                if (phase == 0 && _left == 0 && _runLeft == 0)
                    taken += TakeRepeated(ref mark, taken, want);
                if (taken == want || RepeatedLeft() + _left == 0)
                    break;
                var asked = Math.Min(_left, want - taken);
                var got = _packed ? PackedLists(pattern, phase, length, asked)
                    : _value == highest && phase > 0 ? Math.Min(asked, length - phase) : 0;
                _left -= got;
                taken += got;
                if (got < asked)
                    break;
            }
        }
        open = (int)(taken == 0 ? 0 : (taken - 1) % length + 1);
        return (taken - open) / length;
    }

    /// <summary>
    /// Between two runs, with a list complete: consumes runs that are, byte for byte, those since the mark, where that was so too. Lists of one length come as the
    /// same few runs over and over.
    /// </summary>
    private long TakeRepeated(ref Mark mark, long taken, long want)
    {
        var (bytes, levels) = (mark.BytesLeft - feed.Left, taken - mark.Taken);
        var repeated = 0L;
        if (mark.BytesLeft >= 0 && mark.Refills == feed.Refills && levels > 0)
        {
            repeated = feed.TakeRepeated((int)bytes, Math.Min(want - taken, _unread) / levels) * levels;
            _unread -= repeated;
        }
        mark = new Mark(feed.Left, feed.Refills, taken + repeated);
        return repeated;
    }

    // Consumes leading packed levels as long as they are those of the lists, from a level of a list on.
    private long PackedLists((ulong Low, ulong High) pattern, int phase, int length, long want)
    {
        var (got, period) = (0L, length * _width);
        for (var at = phase * _width; got < want;)
        {
            var bits = (int)Math.Min(WholeWord - (_bit & 7), (want - got) * _width);
            var expected = at == 0 ? pattern.Low : (pattern.Low >> at) | (pattern.High << (WholeWord - at));
            var difference = (Word() ^ expected) & (ulong.MaxValue >> (WholeWord - bits));
            var equal = difference == 0 ? bits : BitOperations.TrailingZeroCount(difference) / _width * _width;
            _bit += equal;
            got += equal / _width;
            if (difference != 0)
                break;
            at = (at + bits) % period;
        }
        return got;
    }

    // The levels of lists one after the other, 128 bits of them.
    private (ulong Low, ulong High) ListPattern(uint highest, int length)
    {
        var (period, list) = (length * _width, (ulong)highest - 1);
        for (var i = 1; i < length; i++)
            list |= (ulong)highest << (i * _width);
        var (low, high) = (list, 0ul);
        for (var at = period; at < 2 * WholeWord; at += period)
        {
            low |= at < WholeWord ? list << at : 0;
            high |= at >= WholeWord ? list << (at - WholeWord) : list >> (WholeWord - at);
        }
        return (low, high);
    }

    /// <summary>Consumes one value.</summary>
    public uint TakeOne()
    {
        if (_left == 0)
            NextPiece();
        _left--;
        if (!_packed)
            return _value;
        var value = (uint)(Word() & Mask(_width));
        _bit += _width;
        if (value > _max)
            FailValue(value);
        return value;
    }

    /// <summary>The next value, which stays to be consumed.</summary>
    public uint PeekOne()
    {
        if (_left == 0)
            NextPiece();
        var value = _packed ? (uint)(Word() & Mask(_width)) : _value;
        if (value > _max)
            FailValue(value);
        return value;
    }

    /// <summary>Expands as many values as there is room for.</summary>
    public void Expand(Span<uint> values)
    {
        while (!values.IsEmpty)
        {
            if (_left == 0)
                NextPiece();
            var n = (int)Math.Min(values.Length, _left);
            if (_packed)
                Unpack(values[..n]);
            else
                values[..n].Fill(_value);
            _left -= n;
            values = values[n..];
        }
    }

    /// <summary>Consumes <paramref name="count"/> values and says how many equal <paramref name="value"/>; none may be below <paramref name="least"/>.</summary>
    public long Count(uint value, long count, uint least)
    {
        var equal = 0L;
        while (count > 0)
        {
            var run = TakeEqual(value, count);
            equal += run;
            count -= run;
            if (count == 0)
                break;
            var other = TakeOne();
            count--;
            if (other < least)
                feed.Context.Fail($"definition level {other} inside a list, where at least {least} is possible");
        }
        return equal;
    }

    /// <summary>Consumes values without looking at them.</summary>
    public void Skip(long count)
    {
        while (count > 0)
        {
            if (_left == 0)
                NextPiece();
            var n = Math.Min(count, _left);
            _left -= n;
            _bit += n * _width;
            count -= n;
        }
    }

    private long TakeEqualSlowly(uint value, long limit)
    {
        var taken = 0L;
        while (taken < limit)
        {
            if (_left == 0)
            {
                if (_unread == 0)
                    break;
                NextPiece();
            }
            var want = Math.Min(limit - taken, _left);
            var got = _packed ? PackedEqual(value, want) : _value == value ? want : 0;
            _left -= got;
            taken += got;
            if (got < want)
                break;
        }
        return taken;
    }

    // Compares as many values as fit a word at once: the first differing bit, divided by the width, is the first differing value.
    private long PackedEqual(uint value, long want)
    {
        var pattern = value * _everyLane;
        var got = 0L;
        while (got < want)
        {
            var lanes = (int)Math.Min(_lanes, want - got);
            var difference = (Word() ^ pattern) & Mask(lanes * _width);
            if (difference == 0)
            {
                got += lanes;
                _bit += lanes * _width;
                continue;
            }
            var equal = BitOperations.TrailingZeroCount(difference);
            equal = _width == 1 ? equal : equal / _width;
            _bit += equal * _width;
            got += equal;
            break;
        }
        return got;
    }

    private void Unpack(Span<uint> values)
    {
        var whole = Bmi2.X64.IsSupported && _width <= 8 ? values.Length & -8 : 0;
        UnpackBytes(values[..whole]);
        values = values[whole..];
        var mask = (uint)Mask(_width);
        var bits = _bits;
        var (bit, width) = (_bit, _width);
        var highest = 0u;
        for (var i = 0; i < values.Length; i++, bit += width)
        {
            var value = (uint)(Unsafe.ReadUnaligned<ulong>(bits + (bit >> 3)) >> (int)(bit & 7)) & mask;
            values[i] = value;
            highest = Math.Max(highest, value);
        }
        _bit = bit;
        if (highest > _max)
            FailValue(highest);
    }

    // Eight values of at most a byte are in one word, whatever bit they begin at: of 8 bits they begin at a byte.
    private void UnpackBytes(Span<uint> values)
    {
        var lanes = Mask(_width) * 0x0101_0101_0101_0101;
        var highest = Vector256<uint>.Zero;
        ref var target = ref MemoryMarshal.GetReference(values);
        for (nuint i = 0; i < (nuint)values.Length; i += 8)
        {
            var eight = Vector128.CreateScalar(Bmi2.X64.ParallelBitDeposit(Word(), lanes)).AsByte();
            var wide = Vector256.WidenLower(Vector128.WidenLower(eight).ToVector256Unsafe());
            highest = Vector256.Max(highest, wide);
            wide.StoreUnsafe(ref target, i);
            _bit += 8 * _width;
        }
        if (Vector256.GreaterThanAny(highest, Vector256.Create(_max)))
        {
            foreach (var value in values)
            {
                if (value > _max)
                    FailValue(value);
            }
        }
    }

    private ulong Word() => Unsafe.ReadUnaligned<ulong>(_bits + (_bit >> 3)) >> (int)(_bit & 7);

    private static ulong Mask(int bits) => (1ul << bits) - 1;

    // A packed run longer than the feed's window comes in several pieces, each of whole groups of 8 values (= width bytes).
    private void NextPiece()
    {
        if (_unread == 0)
            feed.Context.Fail("more values are asked of a page than it has");
        if (_width == 0)
        {
            (_packed, _value, _left, _unread) = (false, 0, _unread, 0);
            return;
        }
        while (_runLeft == 0)
        {
            var header = feed.TakeVarint();
            _packed = (header & 1) != 0;
            _runLeft = (header >> 1) * (_packed ? 8L : 1L);
            if (!_packed)
                TakeRepeatedValue();
        }
        if (!_packed)
        {
            _left = Math.Min(_runLeft, _unread);
            _runLeft = 0;
        }
        else
        {
            // Writers may leave the padding of the very last group out: only the bytes of real values are insisted on.
            var useful = Math.Min(_runLeft, _unread);
            var want = (useful * _width + 7) >> 3;
            _bits = feed.TakeSome(want, _width, out var got);
            _bit = 0;
            _left = got == want ? useful : got * 8 / _width;
            _runLeft -= _left;
        }
        _unread -= _left;
    }

    private void TakeRepeatedValue()
    {
        var bytes = (_width + 7) >> 3;
        var at = feed.Take(bytes);
        _value = 0;
        for (var i = 0; i < bytes; i++)
            _value |= (uint)at[i] << (8 * i);
        if (_value > _max)
            FailValue(_value);
    }

    private void FailValue(uint value) => feed.Context.Fail($"level or dictionary index {value} where at most {_max} is possible");

    /// <summary>Where runs begin: bytes of the feed that were left, and lists' levels taken.</summary>
    private readonly record struct Mark(long BytesLeft, int Refills, long Taken);
}
