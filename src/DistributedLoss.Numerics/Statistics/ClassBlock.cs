using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// What a block of rows adds to each of a few classes, in small tables on the stack: the losses as the integers of <see cref="TwoLimbs"/>, rows and right ones, and
/// predictions. A row costs three additions in memory, none of which waits for a carry.
/// </summary>
internal readonly ref struct ClassBlock
{
    /// <summary>Classes of the largest table.</summary>
    public const int MostClasses = 256;

    /// <summary>Even and odd rows: in a dump that is sorted by class, each row would wait for the stores of the one before.</summary>
    public const int Banks = 2;

    // Rows that are prepared by vectors before the next step goes over them one by one: they stay in the first-level cache.
    private const int ChunkLength = 256;

    private const ulong OneRow = 1;
    private const int CorrectShift = 32;

    private readonly Span<Vector128<long>> _sums;
    private readonly Span<ulong> _counts;
    private readonly Span<uint> _predicted;
    private readonly int _classes;

    /// <param name="sums">One for each class and bank, as in the other tables; all zeros, as these.</param>
    public ClassBlock(int classes, Span<Vector128<long>> sums, Span<ulong> counts, Span<uint> predicted)
    {
        _classes = classes;
        _sums = sums;
        _counts = counts;
        _predicted = predicted;
    }

    /// <summary>The sums of the two integers of a class's losses.</summary>
    public (long High, long Low) Sums(int label) => (_sums[label] + _sums[label + _classes]) is var sums ? (sums[0], sums[1]) : default;

    /// <summary>Rows labelled with the class.</summary>
    public long Rows(int label) => (uint)(_counts[label] + _counts[label + _classes]);

    /// <summary>Those that were predicted as it, too.</summary>
    public long Correct(int label) => (long)((_counts[label] + _counts[label + _classes]) >> CorrectShift);

    /// <summary>Rows that were predicted as the class.</summary>
    public long Predicted(int label) => _predicted[label] + _predicted[label + _classes];

    /// <summary>Adds rows, whose classes are known to be in range.</summary>
    /// <returns>False where a loss does not fit its two integers: the tables are then of no use.</returns>
    [SkipLocalsInit]
    public bool TryAdd(in TwoLimbs limbs, ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted, ReadOnlySpan<double> losses)
    {
        Span<Vector128<long>> pairs = stackalloc Vector128<long>[ChunkLength];
        ref var pair = ref MemoryMarshal.GetReference(pairs);
        Span<double> last = stackalloc double[Vector256<double>.Count];
        for (var start = 0; start < losses.Length; start += ChunkLength)
        {
            var chunk = losses.Slice(start, Math.Min(ChunkLength, losses.Length - start));
            ref var first = ref MemoryMarshal.GetReference(chunk);
            var rests = Vector256<double>.Zero;
            var whole = (nuint)chunk.Length & ~3U;
            for (nuint i = 0; i < whole; i += 4)
            {
                rests |= limbs.Split(Vector256.LoadUnsafe(ref first, i), out var highs, out var lows);
                Pairs.Store(highs, lows, ref Unsafe.Add(ref pair, i));
            }

            if (whole < (nuint)chunk.Length)
            {
                last.Clear();
                chunk[(int)whole..].CopyTo(last);
                rests |= limbs.Split(Vector256.Create(last), out var highs, out var lows);
                Pairs.Store(highs, lows, ref Unsafe.Add(ref pair, whole));
            }

            // A rest is 0 or -0.
            if (!Vector256.EqualsAll(rests, Vector256<double>.Zero))
                return false;
            Scatter(labels.Slice(start, chunk.Length), predicted.Slice(start, chunk.Length), ref pair);
        }

        return true;
    }

    private void Scatter(ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted, ref Vector128<long> pairs)
    {
        ref var sums = ref MemoryMarshal.GetReference(_sums);
        ref var counts = ref MemoryMarshal.GetReference(_counts);
        ref var guesses = ref MemoryMarshal.GetReference(_predicted);
        ref var label = ref MemoryMarshal.GetReference(labels);
        ref var guess = ref MemoryMarshal.GetReference(predicted);
        nint bank = _classes;
        nint i = 0;
        for (; i + 1 < labels.Length; i += Banks)
        {
            Add(ref sums, ref counts, ref guesses, (nint)(uint)Unsafe.Add(ref label, i), (nint)(uint)Unsafe.Add(ref guess, i), Unsafe.Add(ref pairs, i));
            Add(ref sums, ref counts, ref guesses, bank + (nint)(uint)Unsafe.Add(ref label, i + 1), bank + (nint)(uint)Unsafe.Add(ref guess, i + 1), Unsafe.Add(ref pairs, i + 1));
        }

        if (i < labels.Length)
            Add(ref sums, ref counts, ref guesses, (nint)(uint)Unsafe.Add(ref label, i), (nint)(uint)Unsafe.Add(ref guess, i), Unsafe.Add(ref pairs, i));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Vector128<long> sums, ref ulong counts, ref uint guesses, nint label, nint guess, Vector128<long> pair)
    {
        Unsafe.Add(ref sums, label) += pair;

        // Whether the guess is right is hard to predict: added, not branched on.
        Unsafe.Add(ref counts, label) += OneRow + ((label == guess ? 1UL : 0UL) << CorrectShift);
        Unsafe.Add(ref guesses, guess)++;
    }
}
