using Mnist.Inference.Model;
using Mnist.Training;
using Mnist.Training.Synthesis;

namespace Mnist.Tests.Training;

public class RecipeTests
{
    private static readonly string Layers = TrainerTests.Small.ToJson();

    [Test]
    public void Parse_SomeOptions_KeepsTheOtherDefaults()
    {
        var options = Recipe.Parse("""{ "epochs": 7, "augmentation": { "shiftPixels": 1.5 }, "temperature": 1.25 }""");

        Assert.That(options, Is.EqualTo(new TrainingOptions
        {
            Architecture = options.Architecture,
            Epochs = 7,
            Augmentation = new AugmentationOptions { ShiftPixels = 1.5 },
            Temperature = 1.25,
        }));
        Assert.That(Architectures.NameOf(options.Architecture), Is.EqualTo("vgg12"));
        Assert.That(Recipe.Parse("{}") with { Architecture = Architectures.Vgg12 }, Is.EqualTo(new TrainingOptions()));
    }

    [Test]
    public void Load_RecipeOfTheSecondStage_IsValid() =>
        Assert.That(() => Recipe.Load(Repository.PathOf("weights", "second-stage.json")).Validate(), Throws.Nothing);

    [Test]
    public void Parse_Architecture_AcceptsNameOrLayers()
    {
        Assert.That(Recipe.Parse("""{ "architecture": "tensorflask" }""").Architecture, Is.SameAs(Architectures.TensorFlask));
        Assert.That(Recipe.Parse($$"""{ "architecture": {{Layers}} }""").Architecture.ToJson(), Is.EqualTo(Layers));
    }

    [Test]
    public void Parse_OutputOfFormat_GivesTheSameOptions([Values] bool named)
    {
        var architecture = named ? Architectures.TensorFlask : TrainerTests.Small;
        var options = new TrainingOptions { Architecture = architecture, Seed = 9, LearningRate = 1.25e-3, BatchNormalization = false, Augmentation = AugmentationOptions.None };

        string text = Recipe.Format(options with { Threads = 77 });
        var parsed = Recipe.Parse(text);

        Assert.That(parsed with { Architecture = architecture }, Is.EqualTo(options));
        Assert.That(parsed.Architecture.ToJson(), Is.EqualTo(architecture.ToJson()));
        Assert.That(text, Does.Not.Contain("threads").And.Contain("\n").And.Contain("\"temperature\": 1"));
        Assert.That(text.Contains("\"architecture\": \"tensorflask\"", StringComparison.Ordinal), Is.EqualTo(named));
    }

    [TestCase("""{ "epoch": 7 }""", "'epoch' is no option, expected architecture, epochs, batchSize, ")]
    [TestCase("""{ "Epochs": 7 }""", "'Epochs' is no option, expected architecture, epochs, ")]
    [TestCase("""{ "augmentation": { "rotation": 7 } }""", "'augmentation.rotation' is no option, expected rotationDegrees, ")]
    [TestCase("""{ "epochs": "many" }""", "'epochs' cannot be \"many\"")]
    [TestCase("""{ "epochs": 7.5 }""", "'epochs' cannot be 7.5")]
    [TestCase("""{ "augmentation": 3 }""", "'augmentation' cannot be 3")]
    [TestCase("""{ "augmentation": { "shiftPixels": true } }""", "'augmentation.shiftPixels' cannot be true")]
    [TestCase("""{ "seed": null }""", "'seed' is null, leave it out for its default")]
    [TestCase("""{ "architecture": "vgg13" }""", "the architecture 'vgg13' is none of tensorflask, vgg12")]
    [TestCase("""{ "architecture": 3 }""", "the architecture is not valid JSON of a layer list")]
    [TestCase("""{ "epochs": 7, "epochs": 8 }""", "not valid JSON: ")]
    [TestCase("""{ "epochs": 7 """, "not valid JSON: ")]
    [TestCase("[]", "not a recipe, expected a JSON object")]
    [TestCase("null", "not a recipe, expected a JSON object")]
    [TestCase("", "not valid JSON: ")]
    public void Load_InvalidRecipe_SaysWhereAndWhy(string json, string expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("recipe.json");
        File.WriteAllText(path, json);

        Assert.That(() => Recipe.Load(path), Throws.InstanceOf<InvalidDataException>().With.Message.StartsWith($"{path}: {expected}").And.Message.Not.Contains("\n"));
    }
}
