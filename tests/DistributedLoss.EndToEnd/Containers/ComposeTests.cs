using System.Text.RegularExpressions;

namespace DistributedLoss.EndToEnd.Containers;

public partial class ComposeTests
{
    private const string File = "docker-compose.yml";

    private static readonly Yaml Compose = Yaml.Documents(File).Single();

    [Fact]
    public void Every_variable_of_the_file_is_documented_and_every_documented_one_is_used()
    {
        string[] used = [.. Interpolation().Matches(Repository.Read(File)).Select(m => m.Groups[1].Value).Distinct().Order(StringComparer.Ordinal)];
        string[] documented = [.. VariableRow().Matches(Repository.Read("docs/containers.md")).SelectMany(m => m.Groups[1].Captures).Select(c => c.Value).Order(StringComparer.Ordinal)];
        Assert.NotEmpty(used);
        Assert.Equal(documented, used);
    }

    [Fact]
    public void Our_containers_have_neither_root_nor_capabilities_nor_a_root_file_system_to_write_to()
    {
        var ours = Compose["services"].Entries.Where(s => s.Value["build"].IsThere).ToArray();
        Assert.Equal(["coordinator", "demo", "worker"], ours.Select(s => s.Key).Order(StringComparer.Ordinal));
        Assert.All(ours, service =>
        {
            Assert.Equal("true", service.Value["read_only"].Text);
            Assert.Equal(["ALL"], service.Value["cap_drop"].Words);
            Assert.Equal(["no-new-privileges:true"], service.Value["security_opt"].Words);
            Assert.False(service.Value["user"].IsThere, "the image's user is not root");
        });
    }

    [Fact]
    public void Volumes_and_networks_that_are_used_are_declared_and_the_dump_is_read_only()
    {
        foreach (var (name, service) in Compose["services"].Entries)
        {
            foreach (string volume in service["volumes"].Words)
            {
                string source = DefaultValue().Replace(volume, "$1").Split(':')[0];
                Assert.True(source.StartsWith("./", StringComparison.Ordinal) ? Path.Exists(Repository.File(source)) : Compose["volumes"].Has(source), $"{name}: {volume}");
                Assert.True(name == "demo" || !volume.Contains(":/data", StringComparison.Ordinal) || volume.EndsWith(":/data:ro", StringComparison.Ordinal), $"{name}: {volume}");
            }

            Assert.All(service["networks"].Words, network => Assert.True(Compose["networks"].Has(network), $"{name}: {network}"));
            Assert.All(service["depends_on"].Entries, other => Assert.True(Compose["services"].Has(other.Key), $"{name}: {other.Key}"));
        }
    }

    [Fact]
    public void The_broker_and_who_makes_its_users_are_one_image_of_one_version()
    {
        string broker = Compose["services"]["broker"]["image"].Text!;
        Assert.Matches(@"^rabbitmq:[0-9]+\.[0-9]+\.[0-9]+$", broker);
        Assert.Equal(broker, Compose["services"]["credentials"]["image"].Text);
    }

    /// <summary>The rights of the two roles, wherever a broker is set up.</summary>
    [Fact]
    public void Users_have_the_permissions_that_a_broker_of_scripts_local_cluster_gives_them()
    {
        string[] here = [.. Permission().Matches(Repository.Read("config/compose/credentials")).Select(m => m.Value)];
        Assert.Equal(2, here.Length);
        Assert.Equal(Permission().Matches(Repository.Read("scripts/local-cluster")).Select(m => m.Value), here);
    }

    [GeneratedRegex(@"\$\{([A-Z_]+)")]
    private static partial Regex Interpolation();

    [GeneratedRegex(@"(?m)^\|(?:,? `(DLOSS_[A-Z_]+)`)+ \|")]
    private static partial Regex VariableRow();

    [GeneratedRegex(@"\$\{[A-Z_]+:-([^}]*)\}")]
    private static partial Regex DefaultValue();

    [GeneratedRegex(@"\{ ""vhost"": ""/"", ""user"": [^}]*\}")]
    private static partial Regex Permission();
}
