using System.Runtime.CompilerServices;

namespace DistributedLoss.Parquet.Pages;

/// <summary>FIXED_LEN_BYTE_ARRAY values in an encoding made for byte arrays (DELTA_BYTE_ARRAY).</summary>
internal sealed unsafe class FixedFromByteArrays : DecodedValues
{
    private readonly ByteArrayValues _values;

    public FixedFromByteArrays(PageContext context, ByteArrayValues values, int width)
        : base(context) => (_values, Width) = (values, width);

    public override void Skip(long count) => _values.Skip(count);

    protected override void Decode(byte* target, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var value = _values.Take(out var length);
            if (length != Width)
                Context.Fail($"a value of {length} bytes in a column of {Width}-byte values");
            Unsafe.CopyBlockUnaligned(target + (long)i * Width, value, (uint)Width);
        }
    }
}
