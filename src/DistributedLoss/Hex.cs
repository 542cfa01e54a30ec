namespace DistributedLoss;

/// <summary>Digests as text. The framework's conversions are made for megabytes, and are compiled as the process runs (docs/performance.md, Start-up).</summary>
internal static class Hex
{
    /// <summary>Lower case.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = bytes.Length <= 64 ? stackalloc char[2 * bytes.Length] : new char[2 * bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            text[2 * i] = Digit(bytes[i] >> 4);
            text[(2 * i) + 1] = Digit(bytes[i] & 15);
        }

        return new string(text);
    }

    /// <summary>False where the text is not as many bytes, in digits of either case.</summary>
    public static bool TryRead(string text, Span<byte> bytes)
    {
        if (text.Length != 2 * bytes.Length)
        {
            return false;
        }

        for (int i = 0; i < bytes.Length; i++)
        {
            int high = Value(text[2 * i]), low = Value(text[(2 * i) + 1]);
            if ((high | low) < 0)
            {
                return false;
            }

            bytes[i] = (byte)((high << 4) | low);
        }

        return true;
    }

    private static char Digit(int value) => (char)(value < 10 ? '0' + value : 'a' + value - 10);

    private static int Value(char digit) => digit switch
    {
        >= '0' and <= '9' => digit - '0',
        >= 'a' and <= 'f' => digit - 'a' + 10,
        >= 'A' and <= 'F' => digit - 'A' + 10,
        _ => -1,
    };
}
