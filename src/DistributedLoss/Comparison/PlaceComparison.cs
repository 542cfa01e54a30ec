using DistributedLoss.Evaluation;
using DistributedLoss.Parquet;

namespace DistributedLoss.Comparison;

/// <summary>Pairs rows by their place: both sides are read in step, range by range. Memory holds a batch of each side a worker, whatever the number of rows.</summary>
internal sealed class PlaceComparison(ComparedSide a, ComparedSide b, ComparisonOptions options, SliceTable? slices, bool hasDivergence)
{
    // Lines of losses and rows of a dump count alike, unless rows stand for several lines.
    private readonly bool _countsAlike = a.HoldsLosses == b.HoldsLosses || !(a.IsBinary || a.IsSequence);

    /// <exception cref="BadInputException">A row has no pair, or a pair differs in what it must share.</exception>
    /// <exception cref="ParquetException">A file's content cannot be read.</exception>
    public ComparisonTotals Run(CancellationToken cancel)
    {
        if (_countsAlike && a.Rows != b.Rows)
        {
            throw Longer(a.Rows > b.Rows ? a : b, Math.Min(a.Rows, b.Rows), $"A has {a.Rows:N0} rows, B has {b.Rows:N0}");
        }

        // A dump is entered at its pages, a file of losses anywhere.
        var cut = a.HoldsLosses ? b : a;
        var ranges = _countsAlike
            ? [.. cut.Shards.Select((shard, s) => (First: cut.Starts[s], RowsA: shard.Rows, RowsB: shard.Rows))]
            : ((long First, long RowsA, long RowsB)[])[(0, a.Rows, b.Rows)];
        var totals = new ComparisonTotals(a, b, options, hasDivergence);
        OrderedWork.Run(
            ranges.Length,
            options.Workers,
            () => new Worker(this, totals),
            (worker, range) => worker.Compare(ranges[range].First, ranges[range].RowsA, ranges[range].RowsB, cancel),
            cancel);
        return totals;
    }

    /// <summary>The fault of rows that the other side has no pair for.</summary>
    private static BadInputException Longer(ComparedSide side, long first, string counts)
    {
        var shard = side.Cut(first, 1).First();
        return new BadInputException(
            $"{counts}: {side.Files[shard.File].Path}: row group {shard.RowGroup}, row {shard.FirstRow} and what follows have no pair; compare runs over the same rows, or pair them with --key COLUMN");
    }

    private sealed class Worker : IDisposable
    {
        private readonly PlaceComparison _run;
        private readonly ComparisonTotals _all;
        private readonly ComparisonTotals _own;
        private readonly PairCheck _check;
        private readonly RowCursor _a;
        private readonly RowCursor _b;

        public Worker(PlaceComparison run, ComparisonTotals all)
        {
            (_run, _all) = (run, all);
            var (a, b, options, slices, hasDivergence) = run.Inputs;
            bool expands = !a.HoldsLosses && !b.HoldsLosses;
            _own = new ComparisonTotals(a, b, options, hasDivergence);
            _check = new PairCheck(a, b, options);
            _a = a.NewCursor(options, slices, hasDivergence, expands);
            _b = b.NewCursor(options, null, hasDivergence, expands);
        }

        public void Compare(long first, long rowsA, long rowsB, CancellationToken cancel)
        {
            _a.Open(first, rowsA);
            _b.Open(first, rowsB);
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                bool hasA = _a.Load(), hasB = _b.Load();
                if (!hasA || !hasB)
                {
                    if (hasA || hasB)
                    {
                        throw _run.Unpaired(hasA ? "A" : "B", hasA ? _a.Waiting[0] : _b.Waiting[0]);
                    }

                    return;
                }

                int pairs = Math.Min(_a.Waiting.Length, _b.Waiting.Length);
                Compare(pairs);
                _a.Take(pairs);
                _b.Take(pairs);
            }
        }

        public void Dispose()
        {
            _a.Dispose();
            _b.Dispose();
            lock (_all)
            {
                _all.Add(_own);
            }
        }

        private void Compare(int pairs)
        {
            var rowsA = _a.Waiting;
            var rowsB = _b.Waiting;
            for (int i = 0; i < pairs; i++)
            {
                if (_check.Complaint(rowsA[i], rowsB[i]) is { } complaint)
                {
                    throw new BadInputException(complaint);
                }

                if (_own.Add(rowsA[i], rowsB[i], _a.Slices(i)) && _own.Divergence is { } divergence)
                {
                    divergence.Add(_a.Gaps!.Divergence(_a.FirstGap + i, _b.Gaps!, _b.FirstGap + i));
                }
            }
        }
    }

    private (ComparedSide A, ComparedSide B, ComparisonOptions Options, SliceTable? Slices, bool HasDivergence) Inputs => (a, b, options, slices, hasDivergence);

    private BadInputException Unpaired(string letter, in ComparedRow row) => new(
        $"{(letter == "A" ? a : b).Place(row)} and what follows are in {letter} only; compare runs over the same rows, or pair them with --key COLUMN");
}
