using System.Buffers;
using System.Security.Cryptography;

namespace DistributedLoss.Evaluation;

/// <summary>SHA-256 of what is written to it, hashed a block at a time: what is hashed is never in memory as a whole, however many classes there are.</summary>
internal sealed class HashWriter : IBufferWriter<byte>, IDisposable
{
    private const int BlockBytes = 16 << 10;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _block = ArrayPool<byte>.Shared.Rent(BlockBytes);
    private int _used;

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_block.Length - _used), nameof(count));
        _used += count;
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _block.AsSpan(_used);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _block.AsMemory(_used);
    }

    /// <summary>The hash in lower-case hex; what follows begins another.</summary>
    public string Finish()
    {
        Flush();
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetHashAndReset(hash);
        return Hex.Of(hash);
    }

    public void Dispose()
    {
        _hash.Dispose();
        ArrayPool<byte>.Shared.Return(_block);
        _block = [];
    }

    private void MakeRoom(int bytes)
    {
        if (_block.Length - _used >= Math.Max(bytes, 1))
        {
            return;
        }

        Flush();
        if (_block.Length < bytes)
        {
            ArrayPool<byte>.Shared.Return(_block);
            _block = ArrayPool<byte>.Shared.Rent(bytes);
        }
    }

    private void Flush()
    {
        _hash.AppendData(_block, 0, _used);
        _used = 0;
    }
}
