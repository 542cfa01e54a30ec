namespace DistributedLoss.Tests;

/// <summary>Against the framework's conversions.</summary>
public sealed class HexTests
{
    [Fact]
    public void Writes_and_reads_every_byte()
    {
        byte[] bytes = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        Assert.Equal(Convert.ToHexStringLower(bytes), Hex.Of(bytes));
        byte[] read = new byte[256];
        Assert.True(Hex.TryRead(Convert.ToHexString(bytes), read));
        Assert.Equal(bytes, read);
        Assert.True(Hex.TryRead(Hex.Of(bytes), read));
        Assert.Equal("", Hex.Of([]));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("012")]
    [InlineData("012345")]
    [InlineData("01 3")]
    [InlineData("01g3")]
    [InlineData("01\u01333")]
    public void Refuses_what_is_no_text_of_two_bytes(string text) => Assert.False(Hex.TryRead(text, new byte[2]));
}
