using DistributedLoss.Evaluation;
using DistributedLoss.RabbitMq.Connections;

namespace DistributedLoss.RabbitMq.Tests.Connections;

public sealed class BrokerSettingsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("amqp://broker", "broker", 5672, false, "/", "guest", "guest")]
    [InlineData("amqps://broker", "broker", 5671, true, "/", "guest", "guest")]
    [InlineData("amqp://broker/", "broker", 5672, false, "/", "guest", "guest")]
    [InlineData("amqp://broker:1234/%2F", "broker", 1234, false, "/", "guest", "guest")]
    [InlineData("amqp://broker:1234/team%2Fa", "broker", 1234, false, "team/a", "guest", "guest")]
    [InlineData("AMQPS://Me:s%40e%3Ac%2Fret@10.0.0.1:99/runs", "10.0.0.1", 99, true, "runs", "Me", "s@e:c/ret")]
    [InlineData("amqp://[::1]:77", "::1", 77, false, "/", "guest", "guest")]
    [InlineData("amqp://[::1]", "::1", 5672, false, "/", "guest", "guest")]
    public void A_URI_is_read_as_the_AMQP_URI_specification_has_it(
        string uri, string host, int port, bool isTls, string virtualHost, string user, string password)
    {
        var settings = Read(uri);
        Assert.Equal((host, port, isTls, virtualHost, user, password), (settings.Host, settings.Port, settings.IsTls, settings.VirtualHost, settings.User, settings.Password));
    }

    [Theory]
    [InlineData("broker:5672")]
    [InlineData("http://me:secret@broker")]
    [InlineData("amqp://")]
    [InlineData("amqp://me:secret@")]
    [InlineData("amqp://me:secret@broker:port")]
    [InlineData("amqp://me:secret@broker:99999")]
    [InlineData("amqp://me:secret@broker/a/b")]
    [InlineData("amqp://me:secret@broker/a?heartbeat=3")]
    [InlineData("amqp://me:se/secret@broker")]
    public void What_is_no_URI_of_a_broker_is_refused_without_quoting_a_password(string uri)
    {
        var mistake = Assert.Throws<BadOptionException>(() => Read(uri));
        Assert.StartsWith("--broker: ", mistake.Message);
        Assert.DoesNotContain("secret", mistake.Message);
    }

    [Fact]
    public void No_broker_at_all_names_the_option_and_the_variable()
    {
        var mistake = Assert.Throws<BadOptionException>(() => Read(null));
        Assert.Contains("--broker", mistake.Message);
        Assert.Contains("DLOSS_BROKER", mistake.Message);
    }

    [Fact]
    public void User_and_password_of_the_environment_go_before_those_of_the_URI()
    {
        var settings = Read("amqp://a:b@broker", ("DLOSS_BROKER_USER", "c"), ("DLOSS_BROKER_PASSWORD", "d"));
        Assert.Equal(("c", "d"), (settings.User, settings.Password));
    }

    [Fact]
    public void A_password_may_be_in_a_file_and_its_line_end_is_no_part_of_it()
    {
        File.WriteAllText(_file, " pass word \n");
        Assert.Equal(" pass word ", Read("amqp://broker", ("DLOSS_BROKER_PASSWORD_FILE", _file)).Password);
        Assert.Throws<BadOptionException>(() => Read("amqp://broker", ("DLOSS_BROKER_PASSWORD_FILE", _file), ("DLOSS_BROKER_PASSWORD", "x")));
        Assert.Contains("DLOSS_BROKER_PASSWORD_FILE", Assert.Throws<BadOptionException>(() => Read("amqp://broker", ("DLOSS_BROKER_PASSWORD_FILE", _file + ".no"))).Message);
    }

    [Fact]
    public void What_settings_say_of_themselves_holds_neither_user_nor_password()
    {
        Assert.Equal("amqps://broker:5671/runs", Read("amqps://me:secret@broker/runs").ToString());
    }

    [Fact]
    public void A_certificate_file_that_is_not_there_is_named()
    {
        var mistake = Assert.Throws<BadOptionException>(() => BrokerSettings.Read("amqps://broker", "/no/such/ca.crt", null, null, _ => null));
        Assert.Equal("--broker-ca /no/such/ca.crt: no such file; name a PEM file", mistake.Message);
    }

    private static BrokerSettings Read(string? uri, params (string Name, string Value)[] variables) =>
        BrokerSettings.Read(uri, null, null, null, name => variables.FirstOrDefault(v => v.Name == name).Value);
}
