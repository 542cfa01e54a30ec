using System.Runtime.InteropServices;
using System.Text;
using DistributedLoss.Evaluation;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;

namespace DistributedLoss.Comparison;

/// <summary>
/// Pairs rows by a column's value, in whatever order they come: both sides are spilled to disk, in parts by key, and part after part is paired in memory. A row takes some
/// 100 bytes and its key on disk; a worker holds one part of about 262,144 rows, more only beyond 100 million.
/// </summary>
internal sealed class KeyComparison(ComparedSide a, ComparedSide b, ComparisonOptions options, SliceTable? slices)
{
    private const long RowsPerPart = 1 << 18;

    // Each is an open file.
    private const int MaxParts = 384;
    private const int MaxPartRows = 1 << 25;
    private const long MaxPartKeyBytes = 1L << 30;

    // What a message names.
    private const int Named = 3;

    /// <exception cref="BadInputException">A row has no pair or several, or a pair differs in what it must share.</exception>
    /// <exception cref="ParquetException">A file's content cannot be read.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public ComparisonTotals Run(CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("dloss-compare-");
        try
        {
            int parts = (int)Math.Clamp(Math.Max(a.Rows, b.Rows) / RowsPerPart, 1, MaxParts);
            using var spillA = Spill(a, folder.FullName, "a", parts, slices, cancel);
            using var spillB = Spill(b, folder.FullName, "b", parts, null, cancel);
            var totals = new ComparisonTotals(a, b, options, hasDivergence: false);
            var faults = new Faults();
            OrderedWork.Run(parts, options.Workers, () => new Worker(this, totals, faults), (worker, part) => worker.Pair(spillA, spillB, part, cancel), cancel);
            return faults.Message() is { } message ? throw new BadInputException(message) : totals;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private KeySpill Spill(ComparedSide side, string folder, string name, int parts, SliceTable? ofSide, CancellationToken cancel)
    {
        var spill = new KeySpill(folder, name, parts, ofSide?.Sets.Count ?? 0);
        try
        {
            OrderedWork.Run(side.Shards.Count, options.Workers, () => new Spiller(side.NewCursor(options, ofSide, hasGaps: false, expands: false), spill.NewWriter()), SpillShard, cancel);
        }
        catch
        {
            spill.Dispose();
            throw;
        }

        return spill;

        void SpillShard(Spiller spiller, int shard)
        {
            var rows = spiller.Rows;
            rows.Open(side.Starts[shard], side.Shards[shard].Rows);
            for (; rows.Load(); rows.Take(rows.Waiting.Length))
            {
                cancel.ThrowIfCancellationRequested();
                for (int i = 0; i < rows.Waiting.Length; i++)
                {
                    spiller.Into.Add(rows.Waiting[i], rows.Slices(i), rows.Key(i));
                }
            }
        }
    }

    private sealed record Spiller(RowCursor Rows, KeySpill.Writer Into) : IDisposable
    {
        public void Dispose()
        {
            Rows.Dispose();
            Into.Dispose();
        }
    }

    private sealed class Worker(KeyComparison run, ComparisonTotals all, Faults faults) : IDisposable
    {
        private readonly ComparisonTotals _own = new(run.A, run.B, run.Options, hasDivergence: false);
        private readonly PairCheck _check = new(run.A, run.B, run.Options);

        public void Pair(KeySpill spillA, KeySpill spillB, int part, CancellationToken cancel)
        {
            var keys = new KeyTable(MaxPartRows, MaxPartKeyBytes);
            var rows = new List<ComparedRow>();
            var slices = new List<int>();
            for (var reader = spillA.ReadPart(part); reader.Next();)
            {
                if (Add(keys, reader.Identity) < rows.Count)
                {
                    faults.Twice("A", run.A, reader);
                    continue;
                }

                rows.Add(reader.Row);
                CollectionsMarshal.SetCount(slices, slices.Count + reader.Slices.Length);
                reader.Slices.CopyTo(CollectionsMarshal.AsSpan(slices)[^reader.Slices.Length..]);
            }

            cancel.ThrowIfCancellationRequested();
            int sets = run.Slices?.Sets.Count ?? 0;
            bool[] isPaired = new bool[rows.Count];
            var others = new KeyTable(MaxPartRows, MaxPartKeyBytes);
            for (var reader = spillB.ReadPart(part); reader.Next();)
            {
                if (!keys.TryFind(reader.Identity, out int row))
                {
                    int before = others.Count;
                    if (Add(others, reader.Identity) < before)
                    {
                        faults.Twice("B", run.B, reader);
                    }
                    else
                    {
                        faults.Only("B", run.B, reader.Row, reader.Key);
                    }
                }
                else if (isPaired[row])
                {
                    faults.Twice("B", run.B, reader);
                }
                else
                {
                    isPaired[row] = true;
                    Pair(rows[row], reader.Row, CollectionsMarshal.AsSpan(slices).Slice(row * sets, sets));
                }
            }

            for (int row = 0; row < rows.Count; row++)
            {
                if (!isPaired[row])
                {
                    faults.Only("A", run.A, rows[row], keys.Utf8(row)[..^sizeof(int)]);
                }
            }
        }

        public void Dispose()
        {
            lock (all)
            {
                all.Add(_own);
            }
        }

        private void Pair(in ComparedRow a, in ComparedRow b, ReadOnlySpan<int> slices)
        {
            if (_check.Complaint(a, b) is { } complaint)
            {
                faults.Differ(a, complaint);
            }
            else
            {
                _own.Add(a, b, slices);
            }
        }

        private static int Add(KeyTable keys, ReadOnlySpan<byte> identity)
        {
            try
            {
                return keys.Add(identity);
            }
            catch (KeyLimitException e)
            {
                throw new BadInputException($"--key: {e.Message}, in one of {MaxParts} parts; compare parts of the dumps, or give shorter keys");
            }
        }
    }

    private ComparedSide A => a;

    private ComparedSide B => b;

    private ComparisonOptions Options => options;

    private SliceTable? Slices => slices;

    private sealed record Fault(long Order, int Index, string Line);

    /// <summary>What is wrong with rows, from all threads. The line that says so does not depend on the order in which they came.</summary>
    private sealed class Faults
    {
        private static readonly Comparer<Fault> InOrder = Comparer<Fault>.Create((x, y) =>
            x.Order != y.Order ? x.Order.CompareTo(y.Order) : x.Index != y.Index ? x.Index.CompareTo(y.Index) : string.CompareOrdinal(x.Line, y.Line));

        private readonly SortedSet<Fault> _twice = new(InOrder);
        private readonly SortedSet<Fault> _differing = new(InOrder);
        private readonly Dictionary<string, (long Count, SortedSet<Fault> First)> _only = [];

        public void Twice(string letter, ComparedSide side, KeySpill.Reader row)
        {
            lock (this)
            {
                // Whichever of them comes second: the key is what they share.
                Keep(_twice, new Fault(0, row.Row.Index, $"{letter} has the key \"{Shown(row.Key)}\" more than once ({side.Files[0].Path}{(side.Files.Count > 1 ? ", ..." : "")}); give each row a key of its own"), 1);
            }
        }

        public void Differ(in ComparedRow a, string complaint)
        {
            lock (this)
            {
                Keep(_differing, new Fault(a.Order, a.Index, complaint), 1);
            }
        }

        public void Only(string letter, ComparedSide side, in ComparedRow row, ReadOnlySpan<byte> key)
        {
            lock (this)
            {
                ref var only = ref CollectionsMarshal.GetValueRefOrAddDefault(_only, letter, out _);
                only.First ??= new SortedSet<Fault>(InOrder);
                only.Count++;
                if (only.First.Count < Named || row.Order <= only.First.Max!.Order)
                {
                    Keep(only.First, new Fault(row.Order, row.Index, $"{side.Place(row)} (key \"{Shown(key)}\")"), Named);
                }
            }
        }

        public string? Message() =>
            _twice.Count > 0 ? _twice.Min!.Line
            : _only.Count > 0 ? $"{string.Join("; ", _only.OrderBy(o => o.Key).Select(Line))}; compare runs over the same rows"
            : _differing.Count > 0 ? _differing.Min!.Line
            : null;

        private static string Line(KeyValuePair<string, (long Count, SortedSet<Fault> First)> only) =>
            $"{only.Value.Count:N0} rows are in {only.Key} only: {string.Join(", ", only.Value.First.Select(f => f.Line))}{(only.Value.Count > Named ? ", ..." : "")}";

        private static void Keep(SortedSet<Fault> lines, Fault line, int most)
        {
            lines.Add(line);
            if (lines.Count > most)
            {
                lines.Remove(lines.Max!);
            }
        }

        private static string Shown(ReadOnlySpan<byte> key)
        {
            string text = Encoding.UTF8.GetString(key[..Math.Min(key.Length, 240)]);
            return text.Length <= 60 ? text : text[..60] + "...";
        }
    }
}
