using System.Buffers;

namespace DistributedLoss.Remote.Reading;

/// <summary>Bytes of a file that have been asked for, in a pooled buffer that goes back when nobody has a use for them: neither a reader, nor the answer on its way.</summary>
internal sealed class Block : IDisposable
{
    private readonly byte[] _buffer;
    private readonly RemoteFile _file;
    private readonly CancellationTokenSource _released = new();
    private readonly Task _fetch = Task.CompletedTask;
    private int _users;

    /// <param name="users">Readers, each of which calls <see cref="Dispose"/> once.</param>
    public Block(RemoteFile file, long start, int length, int users)
    {
        (_file, Start, Length, _users) = (file, start, length, users + 1);
        _buffer = ArrayPool<byte>.Shared.Rent(length);
        file.Hold(length);
        _fetch = FetchAsync();
    }

    public long Start { get; }

    public int Length { get; }

    public long End => Start + Length;

    /// <summary>Bytes that were copied out, some of them twice perhaps.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Copies what there is from <paramref name="offset"/> on; waits for it.</summary>
    /// <returns>Bytes copied.</returns>
    public int Read(long offset, Span<byte> destination)
    {
        _file.Wait(_fetch);
        int at = (int)(offset - Start);
        int count = Math.Min(destination.Length, Length - at);
        _buffer.AsSpan(at, count).CopyTo(destination);
        BytesRead += count;
        return count;
    }

    /// <summary>By each of its users, once. What nobody waits for any more is not fetched to the end.</summary>
    public void Dispose()
    {
        lock (_released)
        {
            if (--_users == 1 && !_fetch.IsCompleted)
            {
                _released.Cancel();
            }

            if (_users > 0)
            {
                return;
            }

            _released.Dispose();
        }

        _file.Hold(-Length);
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private async Task FetchAsync()
    {
        try
        {
            await _file.ReadAsync(Start, _buffer.AsMemory(0, Length), _released.Token);
        }
        finally
        {
            Dispose();
        }
    }
}
