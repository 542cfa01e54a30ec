using DistributedLoss.Parquet.Sources;
using DistributedLoss.Remote.Http;

namespace DistributedLoss.Remote.Reading;

/// <summary>
/// One open file behind HTTP: its end, where the footer is, comes with the first request; column chunks are fetched ahead while they are read, and what is
/// read otherwise comes as it is asked for. At most <see cref="RemoteSettings.BudgetBytes"/> are held, and <see cref="RemoteSettings.Requests"/> under way.
/// </summary>
internal sealed class RemoteFile : IByteSource
{
    // A footer of a few hundred columns and row groups.
    private const int TailBytes = 128 << 10;

    // A page header, and what may follow it; a request costs as much as the transfer of some ten times as many.
    private const int LeastBytes = 64 << 10;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    private readonly RangeClient _client;
    private readonly RemoteObject _object;
    private readonly FileIdentity _identity;
    private readonly byte[] _tail;
    private readonly bool _readsAhead;
    private readonly Func<bool>? _mayWait;
    private readonly CancellationTokenSource _closed = new();
    private readonly SemaphoreSlim _requests;
    private readonly List<RemoteRange> _unplanned = [];
    private long _heldBytes;
    private byte[] _piece = [];
    private long _pieceAt;

    private RemoteFile(RangeClient client, RemoteObject file, FileIdentity identity, byte[] tail, bool readsAhead, Func<bool>? mayWait)
    {
        (_client, _object, _identity, _tail, _readsAhead, _mayWait) = (client, file, identity, tail, readsAhead, mayWait);
        _requests = new SemaphoreSlim(client.Settings.Requests);
    }

    public long Length => _identity.Length;

    public DateTimeOffset? Modified => _identity.Modified;

    public string? Version => _identity.ETag?.ToString();

    /// <param name="mayWait">Asked several times a second while a request is waited for; null waits.</param>
    /// <exception cref="Parquet.ParquetException">The server refuses.</exception>
    /// <exception cref="SourceUnavailableException">The server does not answer.</exception>
    /// <exception cref="OperationCanceledException">While it did not.</exception>
    public static RemoteFile Open(RangeClient client, RemoteObject file, bool readsAhead, Func<bool>? mayWait)
    {
        using var cancel = new CancellationTokenSource();
        var first = client.ReadTailAsync(file, TailBytes, cancel.Token);
        try
        {
            Wait(first, mayWait);
        }
        catch (OperationCanceledException)
        {
            cancel.Cancel();
            throw;
        }

        var (identity, tail) = first.GetAwaiter().GetResult();
        return new RemoteFile(client, file, identity, tail, readsAhead, mayWait);
    }

    public void Read(long offset, Span<byte> destination)
    {
        long tailAt = Length - _tail.Length;
        if (offset >= tailAt)
        {
            _tail.AsSpan((int)(offset - tailAt), destination.Length).CopyTo(destination);
            return;
        }

        if (offset < _pieceAt || offset + destination.Length > _pieceAt + _piece.Length)
        {
            byte[] piece = new byte[Math.Min(Math.Max(LeastBytes, destination.Length), Length - offset)];
            Wait(ReadAsync(offset, piece));
            (_piece, _pieceAt) = (piece, offset);
        }

        _piece.AsSpan((int)(offset - _pieceAt), destination.Length).CopyTo(destination);
    }

    public IByteRange? OpenRange(long offset, long bytes)
    {
        if (!_readsAhead || offset >= Length - _tail.Length)
        {
            return null;
        }

        var range = new RemoteRange(this, offset, offset + bytes);
        _unplanned.Add(range);
        return range;
    }

    public void Dispose()
    {
        // What is under way ends by itself, in buffers of its own.
        _closed.Cancel();
        _piece = [];
    }

    /// <summary>Whether so many bytes more may be fetched ahead.</summary>
    public bool HasRoom(int bytes) => Interlocked.Read(ref _heldBytes) + bytes <= _client.Settings.BudgetBytes;

    public void Hold(int bytes) => Interlocked.Add(ref _heldBytes, bytes);

    /// <summary>Fetches a part of the file, when it is its turn.</summary>
    public async Task ReadAsync(long from, Memory<byte> target, CancellationToken released = default)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(released, _closed.Token);
        await _requests.WaitAsync(cancel.Token);
        try
        {
            await _client.ReadAsync(_object, _identity, from, target, cancel.Token);
        }
        finally
        {
            _requests.Release();
        }
    }

    /// <summary>Waits for what is under way, as long as whoever opened the file has patience.</summary>
    public void Wait(Task fetch) => Wait(fetch, _mayWait);

    /// <summary>
    /// The ranges that were opened since the last time are about to be read together: short ones that lie together come in one request, and long ones
    /// share the budget.
    /// </summary>
    public void Plan() => RangePlan.Make(this, _unplanned, _client.Settings.BudgetBytes);

    public void Forget(RemoteRange range) => _unplanned.Remove(range);

    private static void Wait(Task fetch, Func<bool>? mayWait)
    {
        while (Task.WaitAny([fetch], PollInterval) != 0)
        {
            if (mayWait?.Invoke() == false)
            {
                throw new OperationCanceledException();
            }
        }

        fetch.GetAwaiter().GetResult();
    }
}
