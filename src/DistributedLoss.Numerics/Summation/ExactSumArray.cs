using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DistributedLoss.Numerics.Summation;

/// <summary>
/// One exact sum per index (per class), small enough for 128,256 classes: 40 bytes for each, allocated 64 at a time when first
/// touched. Sums of values outside 2^-204 to 2^62 in magnitude go to a full <see cref="ExactSum"/> of 1.2 kB for that index; NaNs and
/// infinities are counted in 24 bytes for the indices that have any.
/// </summary>
public sealed partial class ExactSumArray
{
    private const int PageLength = 64;

    private ulong[]?[] _pages;
    private readonly Dictionary<int, ExactSum> _spills = [];
    private readonly Dictionary<int, SpecialCounts> _specials = [];
    private int _allocatedPages;

    public ExactSumArray(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        _pages = new ulong[PagesFor(length)][];
    }

    public int Length { get; private set; }

    /// <summary>Bytes of the heap in use, headers included; dictionaries at the size of their tables.</summary>
    public long AllocatedBytes =>
        128L + ArrayBytes(_pages.Length, IntPtr.Size)
        + (_allocatedPages * ArrayBytes(PageLength * FixedPointWindow.Limbs, sizeof(ulong)))
        + (_spills.Count * (long)ExactSum.AllocatedBytes)
        + TableBytes(_spills.Capacity, 24)
        + TableBytes(_specials.Capacity, 24)
        + (_specials.Count * 40L);

    /// <exception cref="ArgumentOutOfRangeException">The index is not in [0, Length).</exception>
    public void Add(int index, double value)
    {
        ThrowIfOutside(index);
        var window = WindowForWriting(index);
        if (!FixedPointWindow.TryAdd(window, value))
            AddOutside(index, value);
        else if (FixedPointWindow.IsFull(window[^1]))
            Spill(index, window);
    }

    /// <summary>Adds each value to the sum of its index; the same as adding one after the other, several times faster.</summary>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is not in [0, Length); what stands before it was added.</exception>
    public void Add(ReadOnlySpan<int> indices, ReadOnlySpan<double> values)
    {
        if (indices.Length != values.Length)
            throw new ArgumentException($"{values.Length} values cannot be added at {indices.Length} indices.", nameof(values));
        ref var value = ref MemoryMarshal.GetReference(values);
        ulong[] page = [];
        var pageNumber = -1;
        for (var i = 0; i < indices.Length; i++)
        {
            var index = indices[i];
            ThrowIfOutside(index);
            if (index / PageLength != pageNumber)
            {
                pageNumber = index / PageLength;
                page = PageForWriting(pageNumber);
            }

            // Within the page: a position of a window in it, and of a limb in that.
            ref var window = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(page), (index & (PageLength - 1)) * FixedPointWindow.Limbs);
            if (!FixedPointWindow.TryAddUsual(ref window, Unsafe.Add(ref value, i)))
                Add(index, values[i]);
            else if (FixedPointWindow.IsFull(Unsafe.Add(ref window, FixedPointWindow.Limbs - 1)))
                Spill(index, WindowForWriting(index));
        }
    }

    /// <summary>Adds what values of one block, cut by <paramref name="limbs"/>, sum to.</summary>
    internal void AddLimbs(int index, long high, long low, in TwoLimbs limbs)
    {
        ThrowIfOutside(index);
        var window = WindowForWriting(index);
        FixedPointWindow.AddUnits(window, high, limbs.HighExponent);
        FixedPointWindow.AddUnits(window, low, limbs.LowExponent);
        if (FixedPointWindow.IsFull(window[^1]))
            Spill(index, window);
    }

    /// <summary>Adds a times b without rounding.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not in [0, Length).</exception>
    public void AddProduct(int index, double a, double b)
    {
        ThrowIfOutside(index);
        if (!double.IsFinite(a) || !double.IsFinite(b))
        {
            AddSpecial(index, a * b);
            return;
        }

        var window = WindowForWriting(index);
        if (!FixedPointWindow.TryAddProduct(window, a, b))
            SpillOf(index).AddProduct(a, b);
        else if (FixedPointWindow.IsFull(window[^1]))
            Spill(index, window);
    }

    /// <summary>Adds every sum of an array of the same length.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="OverflowException">A count of NaNs or infinities would pass 2^63 - 1.</exception>
    public void Add(ExactSumArray other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Length != Length)
            throw new ArgumentException($"{other.Length} sums cannot be added to {Length}.", nameof(other));

        // Windows come last: they may spill, and what an array spills while it is added to itself must not be added again.
        foreach (var (index, sum) in other._spills)
            SpillOf(index).Add(sum);
        foreach (var (index, counts) in other._specials)
            AddSpecials(index, counts.NaNs, counts.PositiveInfinities, counts.NegativeInfinities);
        for (var page = 0; page < _pages.Length; page++)
        {
            if (other._pages[page] is null)
                continue;
            for (var index = page * PageLength; index < Math.Min(Length, (page + 1) * PageLength); index++)
                AddWindow(index, other.Window(index));
        }
    }

    /// <summary>Adds one sum of another array, of whatever length.</summary>
    internal void Add(int index, ExactSumArray other, int otherIndex)
    {
        if (other._spills.TryGetValue(otherIndex, out var spill))
            SpillOf(index).Add(spill);
        if (other._specials.TryGetValue(otherIndex, out var counts))
            AddSpecials(index, counts.NaNs, counts.PositiveInfinities, counts.NegativeInfinities);
        AddWindow(index, other.Window(otherIndex));
    }

    /// <summary>More sums, all zero, behind those that are there.</summary>
    internal void Lengthen(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, Length);
        Array.Resize(ref _pages, PagesFor(length));
        Length = length;
    }

    /// <summary>Back to zeros, with the memory kept.</summary>
    public void Clear()
    {
        foreach (var page in _pages)
            page?.AsSpan().Clear();
        _spills.Clear();
        _specials.Clear();
    }

    /// <summary>A copy of one sum.</summary>
    public ExactSum Get(int index)
    {
        var sum = new ExactSum();
        AddTo(index, sum);
        return sum;
    }

    /// <summary>Adds one of the sums to <paramref name="sum"/>.</summary>
    public void AddTo(int index, ExactSum sum)
    {
        ThrowIfOutside(index);
        ArgumentNullException.ThrowIfNull(sum);
        var window = Window(index);
        if (!FixedPointWindow.IsZero(window))
            FixedPointWindow.AddTo(window, sum);
        if (_spills.TryGetValue(index, out var spill))
            sum.Add(spill);
        if (_specials.TryGetValue(index, out var counts))
            sum.AddSpecials(counts.NaNs, counts.PositiveInfinities, counts.NegativeInfinities);
    }

    /// <summary>As <see cref="ExactSum.ToDouble"/>.</summary>
    public double ToDouble(int index) => Get(index).ToDouble();

    /// <summary>As <see cref="ExactSum.Quotient(long)"/>.</summary>
    /// <exception cref="DivideByZeroException">The count is zero.</exception>
    public double Quotient(int index, long count) => Get(index).Quotient(count);

    /// <summary>Whether the sum could be that of <paramref name="count"/> addends: counts alone can contradict it.</summary>
    internal bool CouldSum(int index, long count)
    {
        if (!_specials.TryGetValue(index, out var specials))
            return count > 0 || (count == 0 && !HasFinite(index));
        var total = new Wide(0, (ulong)specials.NaNs) + (ulong)specials.PositiveInfinities + (ulong)specials.NegativeInfinities;
        return total < (ulong)count || (total == (ulong)count && !HasFinite(index));
    }

    /// <summary>Whether the finite part is not zero.</summary>
    private bool HasFinite(int index) =>
        _spills.ContainsKey(index) ? Get(index).Sign != 0 : !FixedPointWindow.IsZero(Window(index));

    private static int PagesFor(int length) => (length + PageLength - 1) / PageLength;

    private void ThrowIfOutside(int index)
    {
        if ((uint)index >= (uint)Length)
            ThrowOutside(index);
    }

    [DoesNotReturn]
    private void ThrowOutside(int index) => throw new ArgumentOutOfRangeException(nameof(index), index, $"There are {Length} sums.");

    private ReadOnlySpan<ulong> Window(int index)
    {
        var page = _pages[index / PageLength];
        return page is null ? [] : page.AsSpan(index % PageLength * FixedPointWindow.Limbs, FixedPointWindow.Limbs);
    }

    private Span<ulong> WindowForWriting(int index) =>
        PageForWriting(index / PageLength).AsSpan(index % PageLength * FixedPointWindow.Limbs, FixedPointWindow.Limbs);

    private ulong[] PageForWriting(int number)
    {
        ref var page = ref _pages[number];
        if (page is null)
        {
            page = new ulong[PageLength * FixedPointWindow.Limbs];
            _allocatedPages++;
        }

        return page;
    }

    private void AddWindow(int index, ReadOnlySpan<ulong> theirs)
    {
        if (FixedPointWindow.IsZero(theirs))
            return;
        var ours = WindowForWriting(index);
        FixedPointWindow.Add(ours, theirs);
        if (FixedPointWindow.IsFull(ours[^1]))
            Spill(index, ours);
    }

    private void AddOutside(int index, double value)
    {
        if (double.IsFinite(value))
            SpillOf(index).Add(value);
        else
            AddSpecial(index, value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Spill(int index, Span<ulong> window)
    {
        FixedPointWindow.AddTo(window, SpillOf(index));
        window.Clear();
    }

    private ExactSum SpillOf(int index) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_spills, index, out _) ??= new ExactSum();

    private void AddSpecial(int index, double value) =>
        AddSpecials(index, double.IsNaN(value) ? 1 : 0, value > 0 ? 1 : 0, value < 0 ? 1 : 0);

    private void AddSpecials(int index, long nans, long positiveInfinities, long negativeInfinities)
    {
        if (!_specials.TryGetValue(index, out var counts))
            _specials[index] = counts = new SpecialCounts();
        counts.Add(nans, positiveInfinities, negativeInfinities);
    }

    private static long ArrayBytes(int length, int elementBytes) => 24 + ((long)length * elementBytes);

    // A table has an int of buckets and an entry for each place; entryBytes includes the hash code and the link.
    private static long TableBytes(int capacity, int entryBytes) => 80 + ((long)capacity * (sizeof(int) + entryBytes));

    /// <summary>What is added to one index's specials. A class: a dictionary of references is in the framework's compiled image.</summary>
    private sealed class SpecialCounts
    {
        public long NaNs { get; private set; }

        public long PositiveInfinities { get; private set; }

        public long NegativeInfinities { get; private set; }

        public void Add(long nans, long positiveInfinities, long negativeInfinities)
        {
            checked
            {
                (NaNs, PositiveInfinities, NegativeInfinities) = (NaNs + nans, PositiveInfinities + positiveInfinities, NegativeInfinities + negativeInfinities);
            }
        }
    }
}
