using System.Runtime.CompilerServices;

namespace DistributedLoss.Parquet.Pages;

/// <summary>DELTA_BINARY_PACKED values of an INT32 or INT64 page.</summary>
internal sealed unsafe class DeltaValues(ByteFeed feed) : DecodedValues(feed.Context)
{
    private readonly DeltaIntegers _integers = new(feed);

    public void Open(int width)
    {
        Width = width;
        _integers.Open();
    }

    protected override void Decode(byte* target, int count)
    {
        if (Width == 4)
        {
            for (var i = 0; i < count; i++)
                Unsafe.WriteUnaligned(target + i * 4L, (int)_integers.Take());
        }
        else
        {
            for (var i = 0; i < count; i++)
                Unsafe.WriteUnaligned(target + i * 8L, _integers.Take());
        }
    }
}
