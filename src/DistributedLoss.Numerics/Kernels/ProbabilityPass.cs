using System.Runtime.CompilerServices;
using DistributedLoss.Numerics.Kernels.Lanes;
using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>Where the pass over the probabilities writes; what is empty is not wanted.</summary>
internal readonly ref struct ProbabilityOutputs(
    Span<double> entropy, Span<double> brier, ReadOnlySpan<ClassProbabilitySums[]?> sums)
{
    public Span<double> Entropy { get; } = entropy;

    public Span<double> Brier { get; } = brier;

    public ReadOnlySpan<ClassProbabilitySums[]?> Sums { get; } = sums;
}

/// <summary>
/// A pass over evaluated rows that forms every class's probability once more: p = r e, with r = exp(-top loss) for logits and 1 where the
/// values are probabilities already. It keeps three sums, of e, e x and e^2, over all classes but one: the predicted class of logits, for
/// which e = 1 and x = 0, else the label. Class j is in chunk j / 512 and lane j % 8. Within a chunk a lane takes its classes in order, by
/// fused multiply-adds; over the chunks it keeps (sum, lost), and the lanes are added as <see cref="BlockSum{TLanes}"/> adds them.
/// What is made of the sums is in docs/numerics.md.
/// </summary>
internal unsafe ref struct ProbabilityPass<TLanes, TLogit, TRaw, TTerms>
    where TLanes : unmanaged, ILanes<TLanes>
    where TLogit : struct, ILogit<TRaw>
    where TRaw : unmanaged
    where TTerms : struct, IProbabilityTerms<TLanes>
{
    private const int Lanes = LaneCount.Logical;
    private const int Group = BlockSum<TLanes>.Rows;
    private const int Sums = 3;
    private const int RowSums = 2 * Lanes;
    private const int GroupSums = RowSums * Group;
    private const int ChunkClasses = 512;

    private readonly TRaw* _values;
    private readonly TRaw* _end;
    private readonly int _classes;
    private readonly bool _isLogits;

    private readonly double* _kept;
    private readonly double* _terms;
    private readonly TRaw* _tail;
    private readonly double* _laneIndex;
    private readonly double* _rowSums;

    // By row of the group.
    private readonly double* _sums;
    private readonly double* _max;
    private readonly double* _scale;
    private readonly double* _labelTerm;
    private readonly double* _labelX;

    private ProbabilityPass(in LogitBlock block, byte* values, double* kept, LossInput input, Scratch scratch)
    {
        _kept = kept;
        _values = (TRaw*)values;
        _end = _values + ((nint)block.Rows * block.Classes);
        _classes = block.Classes;
        _isLogits = input == LossInput.Logits;
        _terms = scratch.Take(ChunkClasses);
        _tail = (TRaw*)scratch.Take(Lanes);
        _laneIndex = scratch.Take(Lanes);
        _rowSums = scratch.Take(Sums * RowSums);
        _sums = scratch.Take(Sums * GroupSums);
        _max = scratch.Take(Group);
        _scale = scratch.Take(Group);
        _labelTerm = scratch.Take(Group);
        _labelX = scratch.Take(Group);
        for (int lane = 0; lane < Lanes; lane++)
        {
            _laneIndex[lane] = lane;
        }
    }

    [SkipLocalsInit]
    public static void Evaluate(in LogitBlock block, LossInput input, ReadOnlySpan<int> labels, in RowLosses losses, in ProbabilityOutputs outputs)
    {
        const int Doubles = ChunkClasses + (2 * Lanes) + (Sums * (RowSums + GroupSums)) + (4 * Group);
        byte* memory = stackalloc byte[Scratch.Bytes(Doubles)];
        new Span<byte>(memory, Scratch.Bytes(Doubles)).Clear();
        fixed (byte* values = block.Values)
        fixed (double* kept = losses.Exps)
        {
            ProbabilityPass<TLanes, TLogit, TRaw, TTerms> pass = new(block, values, kept, input, new Scratch(memory));
            for (int row = 0; row < block.Rows; row += Group)
            {
                pass.Evaluate(row, Math.Min(Group, block.Rows - row), labels, losses, outputs);
            }
        }
    }

    private readonly void Evaluate(int first, int rows, ReadOnlySpan<int> labels, in RowLosses losses, in ProbabilityOutputs outputs)
    {
        BeginGroup(first, rows, labels, losses);
        for (int i = 0; i < rows; i++)
        {
            int row = first + i;
            if (losses.Status[row] == RowStatus.Valid)
            {
                ClassProbabilitySums[] into = outputs.Sums.IsEmpty ? [] : outputs.Sums[row] ?? [];
                int left = _isLogits ? losses.Predicted[row] : labels[row];
                AddRow(i, _values + ((nint)row * _classes), _kept + (row * KeptExps.Stride(_classes)), left, losses.TopLoss[row] < 0, into);
            }
        }

        Finish(first, rows, labels, losses, outputs);
    }

    /// <summary>Maximum, scale, and the label's own term of each valid row.</summary>
    private readonly void BeginGroup(int first, int rows, ReadOnlySpan<int> labels, in RowLosses losses)
    {
        for (int sum = 0; sum < Sums; sum++)
        {
            new Span<double>(_sums + (sum * GroupSums) + (Lanes * Group), Lanes * Group).Clear();
        }

        for (int i = 0; i < rows; i++)
        {
            bool isValid = losses.Status[first + i] == RowStatus.Valid;
            TRaw* values = _values + ((nint)(first + i) * _classes);
            _max[i] = isValid ? TLogit.Widen(values[losses.Predicted[first + i]]) : 0;
            _labelX[i] = isValid ? TLogit.Widen(values[labels[first + i]]) : 0;
            _scale[i] = isValid && _isLogits ? losses.TopLoss[first + i] : 0;
        }

        for (int i = 0; i < rows; i += TLanes.Count)
        {
            TLanes.Store(LaneMath<TLanes>.Exp(TLanes.Load(_scale + i)), _scale + i);
            TLanes.Store(TTerms.Evaluate(TLanes.Load(_labelX + i), TLanes.Load(_max + i), out TLanes x), _labelTerm + i);
            TLanes.Store(x, _labelX + i);
        }
    }

    private readonly void AddRow(int i, TRaw* values, double* kept, int left, bool isAnyAboveOne, ClassProbabilitySums[] into)
    {
        if (TTerms.AreKept)
        {
            kept[left] = 1;
        }

        foreach (ClassProbabilitySums sums in into)
        {
            sums.BeginRow();
        }

        for (int first = 0; first < _classes; first += ChunkClasses)
        {
            int n = Math.Min(ChunkClasses, _classes - first);
            double* terms = TTerms.AreKept ? kept + first : _terms;
            for (int lane = 0; lane < Lanes; lane += TLanes.Count)
            {
                AddChunk(values + first, terms, n, lane, left - first, _max[i], first == 0);
            }

            foreach (ClassProbabilitySums sums in into)
            {
                AddTo(sums.Units.Slice(first, (n + Lanes - 1) / Lanes * Lanes), terms, _scale[i], isAnyAboveOne);
            }
        }

        // The first chunk loses nothing, which the group has already.
        int used = _classes <= ChunkClasses ? Lanes : RowSums;
        for (int sum = 0; sum < Sums; sum++)
        {
            double* from = _rowSums + (sum * RowSums);
            double* to = _sums + (sum * GroupSums) + i;
            for (int lane = 0; lane < used; lane++)
            {
                to[lane * Group] = from[lane];
            }
        }
    }

    /// <summary>One register of lanes of a chunk, from <paramref name="lane"/> on: its terms into scratch, their sums to the row's.</summary>
    /// <param name="left">The class, counted from the chunk's first, that the sums leave out; it may lie outside.</param>
    private readonly void AddChunk(TRaw* values, double* terms, int n, int lane, int left, double rowMax, bool start)
    {
        TLanes max = TLanes.Create(rowMax);
        TLanes zero = TLanes.Create(0);
        TLanes sum = zero;
        TLanes weighted = zero;
        TLanes squares = zero;
        terms += lane;
        TRaw* last = Last(values, n) + lane;
        values += lane;
        int whole = n / Lanes;
        int steps = (n + Lanes - 1) / Lanes;
        int leftStep = (uint)left < (uint)n ? left / Lanes : -1;
        int step = 0;
        while (true)
        {
            int stop = leftStep >= step ? leftStep : whole;
            for (; step < stop; step++)
            {
                TLanes e = TTerms.Take(TLogit.Load<TLanes>(values + (step * Lanes)), max, terms + (step * Lanes), out TLanes x);
                sum += e;
                weighted = TLanes.Fma(e, x, weighted);
                squares = TLanes.Fma(e, e, squares);
            }

            if (step == steps)
            {
                break;
            }

            // The class that is left out is here, or the row's end: what is behind it may be anything.
            TLanes index = TLanes.Load(_laneIndex + lane) + TLanes.Create(step * Lanes);
            TLanes beforeEnd = TLanes.Create(n);
            TLanes edge = TTerms.Take(TLogit.Load<TLanes>(step < whole ? values + (step * Lanes) : last), max, terms + (step * Lanes), out TLanes edgeX);
            edge = TLanes.SelectAbove(beforeEnd, index, edge, zero);
            TLanes.Store(edge, terms + (step * Lanes));
            TLanes distance = index - TLanes.Create(left);
            edge = TLanes.SelectAbove(distance * distance, zero, edge, zero);
            sum += edge;
            weighted = TLanes.Fma(edge, TLanes.SelectAbove(beforeEnd, index, edgeX, zero), weighted);
            squares = TLanes.Fma(edge, edge, squares);
            step++;
        }

        Keep(sum, _rowSums + lane, start);
        Keep(weighted, _rowSums + RowSums + lane, start);
        Keep(squares, _rowSums + (2 * RowSums) + lane, start);
    }

    /// <summary>The last values of a chunk with 8 that may be read, where there are less than 8.</summary>
    private readonly TRaw* Last(TRaw* values, int n)
    {
        TRaw* last = values + (n / Lanes * Lanes);
        if (_end - last >= Lanes)
        {
            return last;
        }

        for (int lane = 0; lane < n % Lanes; lane++)
        {
            _tail[lane] = last[lane];
        }

        return _tail;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep(TLanes chunk, double* sums, bool start)
    {
        TLanes sum = start ? TLanes.Create(0) : TLanes.Load(sums);
        TLanes lost = start ? TLanes.Create(0) : TLanes.Load(sums + Lanes);
        BlockSum<TLanes>.Add(ref sum, ref lost, chunk);
        TLanes.Store(sum, sums);
        TLanes.Store(lost, sums + Lanes);
    }

    /// <summary>
    /// Adds each p, rounded to a multiple of 2^-52. From 1 to 2, a double's last place is 2^-52: the bits of 1 + p are those of 1 and p in
    /// these units. Those of 1 are taken off again when the sums carry.
    /// </summary>
    private readonly void AddTo(Span<long> units, double* terms, double scale, bool isAnyAboveOne)
    {
        if (isAnyAboveOne)
        {
            // The values are p themselves. From 1 to 4, p is a multiple of 2^-52.
            for (int c = 0; c < units.Length; c++)
            {
                double p = terms[c];
                units[c] += p < 1 ? BitConverter.DoubleToInt64Bits(1 + p) : ClassProbabilitySums.RowUnits + (long)(p * ClassProbabilitySums.UnitsOfOne);
            }

            return;
        }

        TLanes one = TLanes.Create(1);
        TLanes r = TLanes.Create(scale);
        fixed (long* sums = units)
        {
            double* sum = (double*)sums;
            for (int c = 0; c < units.Length; c += TLanes.Count)
            {
                TLanes.Store(TLanes.AddBits(TLanes.Load(sum + c), TLanes.Fma(TLanes.Load(terms + c), r, one)), sum + c);
            }
        }
    }

    private readonly void Finish(int first, int rows, ReadOnlySpan<int> labels, in RowLosses losses, in ProbabilityOutputs outputs)
    {
        if (outputs.Entropy.IsEmpty && outputs.Brier.IsEmpty)
        {
            return;
        }

        for (int sum = 0; sum < Sums; sum++)
        {
            BlockSum<TLanes>.Reduce(_sums + (sum * GroupSums), rows, Lanes);
        }

        for (int i = 0; i < rows; i++)
        {
            int row = first + i;
            bool isValid = losses.Status[row] == RowStatus.Valid;
            if (!outputs.Entropy.IsEmpty)
            {
                outputs.Entropy[row] = isValid ? Entropy(i, losses.TopLoss[row]) : double.NaN;
            }

            if (!outputs.Brier.IsEmpty)
            {
                outputs.Brier[row] = isValid ? Brier(i, labels[row] == losses.Predicted[row]) : double.NaN;
            }
        }
    }

    private readonly double Entropy(int i, double topLoss)
    {
        double sum = _sums[GroupSums + i];
        return _isLogits ? topLoss + (_scale[i] * sum) : sum + (_labelTerm[i] * _labelX[i]);
    }

    // (1 - p)^2 of the label and p^2 of the others, with no difference that loses digits: 1 - p is the sum of the others' p where the label is
    // the predicted class, and where it is not, p <= 1/2.
    private readonly double Brier(int i, bool isPredicted)
    {
        double others = _sums[i];
        double squares = _sums[(2 * GroupSums) + i];
        double r = _scale[i];
        if (!_isLogits)
        {
            double distance = typeof(TTerms) == typeof(ProbTerms<TLanes>) ? 1 - _labelTerm[i] : OneMinusExp(_labelX[i], _labelTerm[i]);
            return squares + (distance * distance);
        }

        return isPredicted
            ? (r * others * (r * others)) + (r * (r * squares))
            : (r * (r * (1 + squares))) + (1 - (2 * (r * _labelTerm[i])));
    }

    /// <summary>1 - exp(-x), from p = exp(-x) rounded: the logarithm of p makes up for the rounding, to a few ulp (Kahan).</summary>
    private static double OneMinusExp(double x, double p) => p == 1 ? x : p == 0 ? 1 : (1 - p) * x / (0.0 - Elementary.Log(p));
}
