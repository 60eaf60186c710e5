using Mnist.Inference;

namespace Mnist.Tests.Inference;

internal sealed class AtomicFileTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void Write_WithoutAFileThere_MakesOne([Values] bool overwrite)
    {
        string path = _folder.PathOf("new");
        AtomicFile.Write(path, [1, 2, 3], overwrite);

        Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(Directory.EnumerateFileSystemEntries(_folder.Path), Is.EqualTo(new[] { path }));
    }

    [Test]
    public void Write_OverAFile_ReplacesItOnlyWhereItMay()
    {
        string path = _folder.Write("old", [9, 9, 9, 9]);
        Assert.That(() => AtomicFile.Write(path, [1], overwrite: false), Throws.InstanceOf<IOException>().With.Message.Contains($"'{path}'"));
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 9, 9, 9, 9 }));

        AtomicFile.Write(path, [1], overwrite: true);
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 1 }));
        Assert.That(Directory.EnumerateFileSystemEntries(_folder.Path), Is.EqualTo(new[] { path }));
    }

    [Test]
    public void Write_IntoAFolderThatIsMissing_NamesTheTarget()
    {
        string path = _folder.PathOf("missing/file");

        Assert.That(() => AtomicFile.Write(path, [1], overwrite: true), Throws.InstanceOf<IOException>().With.Message.Contains($"'{path}'"));
    }
}
