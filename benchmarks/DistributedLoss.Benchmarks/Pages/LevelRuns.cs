using BenchmarkDotNet.Attributes;
using DistributedLoss.Parquet.Pages;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Benchmarks.Pages;

/// <summary>Levels of lists (RLE / bit-packing hybrid): found by runs, as the logits' reader does, and expanded, as that of other columns does.</summary>
public unsafe class LevelRuns : IUnits
{
    private const int Levels = 1 << 16;
    private const int Batch = 8192;

    private readonly NativeBuffer _bytes = new();
    private readonly PageContext _context = new(null, "levels");
    private readonly uint[] _expanded = new uint[Batch];
    private ByteFeed _feed = null!;
    private HybridRuns _runs = null!;
    private int _length;

    /// <summary>Values of a list: short lists are bit-packed, long ones are runs.</summary>
    [Params(2, 10, 1000)]
    public int List { get; set; }

    public string Unit => "level";

    public long Units => Lists * List;

    private long Lists => Levels / List;

    [GlobalSetup]
    public void Setup()
    {
        var encoder = new HybridEncoder(1);
        for (long list = 0; list < Lists; list++)
        {
            encoder.Append(0);
            encoder.Append(1, List - 1);
        }

        var bytes = encoder.Finish();
        _length = bytes.Length;
        bytes.CopyTo(new Span<byte>(_bytes.Reserve(_length), _length));
        _feed = new ByteFeed(_context);
        _runs = new HybridRuns(_feed);
        if (FindLists() != Lists || Expand() != Lists)
        {
            throw new InvalidOperationException($"{FindLists()} lists are found and {Expand()} expanded, of {Lists}");
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _feed.Dispose();
        _bytes.Dispose();
    }

    [Benchmark]
    public long FindLists()
    {
        Open();
        long lists = 0;
        while (_runs.Left > 0)
        {
            lists += _runs.TakeLists(1, List, _runs.Left / List);
            if (_runs.Left > 0 && _runs.TakeEqual(0, 1) == 1)
            {
                lists++;
                _runs.TakeEqual(1, _runs.Left);
            }
        }

        return lists;
    }

    [Benchmark]
    public long Expand()
    {
        Open();
        long lists = 0;
        while (_runs.Left > 0)
        {
            var batch = _expanded.AsSpan(0, (int)Math.Min(Batch, _runs.Left));
            _runs.Expand(batch);
            lists += batch.Count(0u);
        }

        return lists;
    }

    private void Open()
    {
        _feed.OpenMemory(_bytes.Start, _length);
        _runs.Open(1, 1, Units);
    }
}
