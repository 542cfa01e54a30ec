using System.Runtime.CompilerServices;

namespace DistributedLoss.Parquet.Writing;

/// <summary>
/// Predictions of an imagined model: any row of them from the seed and its number alone, with the same bits everywhere. Logits are roughly
/// normal with standard deviation 2. In a share of the rows the label's logit is raised above all others by up to 12; in one row of 32 of
/// the rest it is pushed 16 down, so that some rows are very wrong.
/// </summary>
/// <param name="seed">Rows of different seeds are unrelated.</param>
/// <param name="classes">C.</param>
/// <param name="accuracy">The share of rows, in [0, 1], whose label certainly has the largest logit.</param>
public sealed class SyntheticRows(ulong seed, int classes, double accuracy)
{
    // splitmix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014): its increment and its mixer.
    private const ulong Golden = 0x9e3779b97f4a7c15;

    // A sum of four uniform 16-bit integers has mean 131,070 and standard deviation 65,536 / sqrt(3); below 2^24 all of it is exact in float32.
    private const int Mean = 131_070;
    private const float Scale = 2f / 37_837f;

    private const float MaxMargin = 12f;
    private const float Setback = 16f;

    private readonly ulong _key = Mix(seed ^ Golden);

    // Accuracies are compared as integers of 53 bits.
    private readonly ulong _accurate = (ulong)(Math.Clamp(accuracy, 0, 1) * (1UL << 53));

    /// <summary>Fills consecutive rows.</summary>
    /// <param name="firstRow">The number of the first row.</param>
    /// <param name="logits">Row-major: labels.Length rows of C logits.</param>
    /// <param name="labels">One a row.</param>
    public void Fill(long firstRow, Span<float> logits, Span<long> labels)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, checked(labels.Length * classes));
        for (int r = 0; r < labels.Length; r++)
        {
            labels[r] = FillRow((ulong)(firstRow + r), logits.Slice(r * classes, classes));
        }
    }

    private int FillRow(ulong number, Span<float> row)
    {
        // The logits' counters start here; the choices below come from the complement, apart from them.
        ulong state = Mix(_key + (number * Golden));
        float max = float.NegativeInfinity;
        ulong counter = state;
        for (int c = 0; c < row.Length; c++)
        {
            counter += Golden;
            ulong z = Mix(counter);
            int sum = (int)(z & 0xffff) + (int)((z >> 16) & 0xffff) + (int)((z >> 32) & 0xffff) + (int)(z >> 48);
            float logit = (sum - Mean) * Scale;
            row[c] = logit;
            max = logit > max ? logit : max;
        }
        ulong choice = Mix(~state);
        int label = (int)Math.BigMul(Mix(choice), (ulong)row.Length, out _);
        ulong dice = Mix(choice + Golden);
        if (choice >> 11 < _accurate)
        {
            // The square of a uniform number makes narrow margins common.
            float u = ((dice >> 40) + 1) * (1f / (1 << 24));
            row[label] = max + (u * u * MaxMargin);
        }
        else if ((dice & 31) == 0)
        {
            row[label] -= Setback;
        }
        return label;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
