namespace DistributedLoss.EndToEnd.Containers;

/// <summary>What can be held of the manifests without a cluster: everything that one names is there, and no pod has rights that it does not need.</summary>
public class KubernetesTests
{
    private const string Folder = "config/k8s";

    private static readonly Yaml Kustomization = Yaml.Documents($"{Folder}/kustomization.yaml").Single();

    private static readonly Yaml[] Resources = [.. Kustomization["resources"].Words.SelectMany(f => Yaml.Documents($"{Folder}/{f}"))];

    public static TheoryData<string> Workloads() => ["Job", "Deployment"];

    [Fact]
    public void Every_manifest_is_one_of_the_kustomization()
    {
        string[] files = [.. Directory.GetFiles(Repository.File(Folder), "*.yaml").Select(f => Path.GetFileName(f)!).Where(f => f != "kustomization.yaml").Order(StringComparer.Ordinal)];
        Assert.Equal(files, Kustomization["resources"].Words.Order(StringComparer.Ordinal));
        Assert.Equal(["Deployment", "Job", "PersistentVolumeClaim", "PersistentVolumeClaim"], Resources.Select(r => r["kind"].Text!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Workloads))]
    public void Volumes_claims_secrets_and_settings_that_are_named_are_there(string kind)
    {
        var pod = Pod(kind);
        var container = pod["containers"].Items.Single();
        string[] volumes = [.. pod["volumes"].Items.Select(v => v["name"].Text!).Order(StringComparer.Ordinal)];
        Assert.Equal(volumes, container["volumeMounts"].Items.Select(m => m["name"].Text!).Order(StringComparer.Ordinal));
        string[] claims = [.. Resources.Where(r => r["kind"].Text == "PersistentVolumeClaim").Select(r => r["metadata"]["name"].Text!)];
        string[] secrets = [.. Names("secretGenerator")];
        Assert.All(pod["volumes"].Items.Where(v => v["persistentVolumeClaim"].IsThere), v => Assert.Contains(v["persistentVolumeClaim"]["claimName"].Text, claims));
        Assert.Contains(pod["volumes"].Items, v => v["secret"].IsThere && secrets.Contains(v["secret"]["secretName"].Text));
        Assert.All(container["envFrom"].Items, e => Assert.Contains(e["configMapRef"]["name"].Text, Names("configMapGenerator")));
        Assert.Contains(container["image"].Text, Names("images"));
    }

    [Theory]
    [MemberData(nameof(Workloads))]
    public void Probes_ask_the_port_that_the_settings_open(string kind)
    {
        var container = Pod(kind)["containers"].Items.Single();
        var port = container["ports"].Items.Single();
        Assert.EndsWith($":{port["containerPort"].Text}", Kustomization["configMapGenerator"].Nodes.Single(n => n.Text?.StartsWith("DLOSS_http__listen=", StringComparison.Ordinal) == true).Text);
        Assert.Equal("/healthz", container["readinessProbe"]["httpGet"]["path"].Text);
        Assert.All(["readinessProbe", "livenessProbe"], p => Assert.Equal(port["name"].Text, container[p]["httpGet"]["port"].Text));
    }

    [Theory]
    [MemberData(nameof(Workloads))]
    public void A_pod_is_not_root_cannot_write_to_its_image_and_has_limits(string kind)
    {
        var pod = Pod(kind);
        var container = pod["containers"].Items.Single();
        Assert.Equal("true", pod["securityContext"]["runAsNonRoot"].Text);
        Assert.Equal("false", pod["automountServiceAccountToken"].Text);
        Assert.Equal("true", container["securityContext"]["readOnlyRootFilesystem"].Text);
        Assert.Equal("false", container["securityContext"]["allowPrivilegeEscalation"].Text);
        Assert.Equal(["ALL"], container["securityContext"]["capabilities"]["drop"].Words);
        Assert.True(container["resources"]["limits"]["memory"].IsThere);
        Assert.Equal("true", container["volumeMounts"].Items.Single(m => m["mountPath"].Text == "/data")["readOnly"].Text);
    }

    private static Yaml Pod(string kind) => Resources.Single(r => r["kind"].Text == kind)["spec"]["template"]["spec"];

    private static IEnumerable<string> Names(string list) => Kustomization[list].Items.Select(i => i["name"].Text!);
}
