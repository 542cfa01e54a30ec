using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// What a block of rows adds to each of a few classes, in small tables on the stack: rows and right ones, predictions, and the losses as the integers of
/// <see cref="TwoLimbs"/>. A row costs four additions in memory, none of which waits for a carry.
/// </summary>
internal ref struct ClassBlock
{
    /// <summary>Classes of the largest table.</summary>
    public const int MostClasses = 256;

    // Rows whose losses are split by vectors before the next step goes over them one by one: they stay in the first-level cache.
    private const int ChunkLength = 256;

    /// <summary>Even and odd rows: in a dump that is sorted by class, each row would wait for the stores of the one before.</summary>
    public const int Banks = 2;

    private readonly Span<Tally> _tallies;
    private readonly Span<uint> _predicted;

    /// <param name="tallies">One for each class and bank; all zeros.</param>
    /// <param name="predicted">As many; all zeros.</param>
    public ClassBlock(Span<Tally> tallies, Span<uint> predicted)
    {
        _tallies = tallies;
        _predicted = predicted;
    }

    /// <summary>A class's tally, of both banks.</summary>
    public readonly Tally this[int label] => _tallies[label].Plus(_tallies[label + (_tallies.Length / Banks)]);

    /// <summary>Rows that were predicted as the class.</summary>
    public readonly uint Predicted(int label) => _predicted[label] + _predicted[label + (_predicted.Length / Banks)];

    /// <summary>Adds rows, whose classes are known to be in range.</summary>
    /// <returns>False where a loss does not fit its two integers: the tables are then of no use.</returns>
    [SkipLocalsInit]
    public readonly bool TryAdd(in TwoLimbs limbs, ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted, ReadOnlySpan<double> losses)
    {
        Span<long> high = stackalloc long[ChunkLength];
        Span<long> low = stackalloc long[ChunkLength];
        ref var highs = ref MemoryMarshal.GetReference(high);
        ref var lows = ref MemoryMarshal.GetReference(low);
        Span<double> last = stackalloc double[Vector256<double>.Count];
        for (var start = 0; start < losses.Length; start += ChunkLength)
        {
            var chunk = losses.Slice(start, Math.Min(ChunkLength, losses.Length - start));
            ref var first = ref MemoryMarshal.GetReference(chunk);
            var rests = Vector256<double>.Zero;
            var whole = (nuint)chunk.Length & ~3U;
            for (nuint i = 0; i < whole; i += 4)
            {
                rests |= limbs.Split(Vector256.LoadUnsafe(ref first, i), out var highOfFour, out var lowOfFour);
                highOfFour.StoreUnsafe(ref highs, i);
                lowOfFour.StoreUnsafe(ref lows, i);
            }

            if (whole < (nuint)chunk.Length)
            {
                last.Clear();
                chunk[(int)whole..].CopyTo(last);
                rests |= limbs.Split(Vector256.Create(last), out var highOfRest, out var lowOfRest);
                highOfRest.StoreUnsafe(ref highs, whole);
                lowOfRest.StoreUnsafe(ref lows, whole);
            }

            // A rest is 0 or -0.
            if (!Vector256.EqualsAll(rests, Vector256<double>.Zero))
                return false;
            Scatter(labels.Slice(start, chunk.Length), predicted.Slice(start, chunk.Length), high, low);
        }

        return true;
    }

    private readonly void Scatter(ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted, Span<long> high, Span<long> low)
    {
        ref var tallies = ref MemoryMarshal.GetReference(_tallies);
        ref var guesses = ref MemoryMarshal.GetReference(_predicted);
        ref var highs = ref MemoryMarshal.GetReference(high);
        ref var lows = ref MemoryMarshal.GetReference(low);
        ref var label = ref MemoryMarshal.GetReference(labels);
        ref var guess = ref MemoryMarshal.GetReference(predicted);
        nint bank = _tallies.Length / Banks;
        nint i = 0;
        for (; i + 1 < labels.Length; i += Banks)
        {
            Add(ref tallies, ref guesses, Unsafe.Add(ref label, i), Unsafe.Add(ref guess, i), Unsafe.Add(ref highs, i), Unsafe.Add(ref lows, i));
            Add(ref Unsafe.Add(ref tallies, bank), ref Unsafe.Add(ref guesses, bank), Unsafe.Add(ref label, i + 1), Unsafe.Add(ref guess, i + 1), Unsafe.Add(ref highs, i + 1), Unsafe.Add(ref lows, i + 1));
        }

        if (i < labels.Length)
            Add(ref tallies, ref guesses, Unsafe.Add(ref label, i), Unsafe.Add(ref guess, i), Unsafe.Add(ref highs, i), Unsafe.Add(ref lows, i));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Tally tallies, ref uint guesses, int label, int guess, long high, long low)
    {
        ref var tally = ref Unsafe.Add(ref tallies, (nint)(uint)label);
        tally.High += high;
        tally.Low += low;

        // Whether the guess is right is hard to predict: added, not branched on.
        tally.Counts += Tally.OneRow + ((label == guess ? 1UL : 0UL) << Tally.CorrectShift);
        Unsafe.Add(ref guesses, (nint)(uint)guess)++;
    }

    /// <summary>Of one class: the sums of its losses' integers; rows and, 2^32 times as heavy, right ones.</summary>
    public struct Tally
    {
        public const ulong OneRow = 1;
        public const int CorrectShift = 32;

        public long High;
        public long Low;
        public ulong Counts;

        public readonly uint Rows => (uint)Counts;

        public readonly uint Correct => (uint)(Counts >> CorrectShift);

        public readonly Tally Plus(Tally other) => new() { High = High + other.High, Low = Low + other.Low, Counts = Counts + other.Counts };
    }
}
