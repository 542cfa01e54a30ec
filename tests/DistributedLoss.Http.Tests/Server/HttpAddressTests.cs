using DistributedLoss.Http.Server;

namespace DistributedLoss.Http.Tests.Server;

public class HttpAddressTests
{
    [Theory]
    [InlineData("9090", "127.0.0.1:9090")]
    [InlineData("0", "127.0.0.1:0")]
    [InlineData("localhost:80", "127.0.0.1:80")]
    [InlineData("0.0.0.0:65535", "0.0.0.0:65535")]
    [InlineData("[::]:9090", "[::]:9090")]
    [InlineData("[::1]:1", "[::1]:1")]
    public void A_port_alone_is_the_loopback_interface_and_an_address_is_that_address(string text, string endPoint)
    {
        Assert.True(HttpAddress.TryParse(text, out var address));
        Assert.Equal(endPoint, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("65536")]
    [InlineData("-1")]
    [InlineData(" 80")]
    [InlineData(":80")]
    [InlineData("1:80")]
    [InlineData("host:80")]
    [InlineData("0.0.0.0")]
    [InlineData("0.0.0.0:")]
    [InlineData("::1:80")]
    [InlineData("[0.0.0.0]:80")]
    [InlineData("http://0.0.0.0:80")]
    public void Anything_else_is_refused(string text) => Assert.False(HttpAddress.TryParse(text, out _));
}
