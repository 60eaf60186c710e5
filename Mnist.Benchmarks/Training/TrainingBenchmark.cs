using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Mnist.Benchmarks.Measuring;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Training;
using Mnist.Training.Data;
using Mnist.Training.Synthesis;

namespace Mnist.Benchmarks.Training;

/// <summary>Measures the trainer and PyTorch in turn, with the same network with batch normalisation, the same images and AdamW.</summary>
internal static class TrainingBenchmark
{
    public const int BatchSize = 128;

    /// <summary>Batches per run; a run takes a few seconds.</summary>
    public const int StepsPerRun = 64;

    /// <summary>Rounds before the measured ones, in which the JIT compiler reaches its last tier.</summary>
    private const int WarmUpRounds = 2;

    private const double LearningRate = 1e-3;

    private static readonly NetworkArchitecture Network = Architectures.Vgg12;

    /// <param name="threads">Threads of each contender.</param>
    /// <param name="rounds">Measured runs of each contender.</param>
    /// <param name="output">Receives the message if PyTorch is not installed.</param>
    public static TrainingMeasurement Measure(int threads, int rounds, TextWriter output)
    {
        // Only the time matters, so test digits are good enough.
        var digits = MnistFile.LoadTest(RepositoryFiles.Data).Slice(0, BatchSize * StepsPerRun);
        var contenders = new Dictionary<string, Func<(double Seconds, double Loss)>>
        {
            [TrainingMeasurement.Ours] = Trainer(digits, threads, AugmentationOptions.None),
            [TrainingMeasurement.OursAugmented] = Trainer(digits, threads, new AugmentationOptions()),
        };

        // PyTorch's default layout, and channels-last, which suits its convolutions on CPUs. The faster one counts.
        using var torch = TorchProcess.TryStart("training.py", threads, core: null, output);
        using var channelsLast = torch is null ? null : TorchProcess.TryStart("training.py", threads, core: null, output);
        if (torch is not null && channelsLast is not null)
        {
            contenders.Add("pytorch", TorchTrainer(torch, digits, channelsLast: false));
            contenders.Add("pytorch-channels-last", TorchTrainer(channelsLast, digits, channelsLast: true));
        }

        var seconds = contenders.Keys.ToDictionary(name => name, _ => new List<double>());
        var losses = new Dictionary<string, double>();
        for (int round = -WarmUpRounds; round < rounds; round++)
        {
            foreach (var (name, run) in contenders)
            {
                var (time, loss) = run();
                losses[name] = loss;

                if (round >= 0)
                {
                    seconds[name].Add(time);
                }
            }
        }

        return new TrainingMeasurement(
            threads, seconds.ToDictionary(entry => entry.Key, entry => entry.Value.Select(time => digits.Count / time).ToArray()), losses);
    }

    private static Func<(double Seconds, double Loss)> Trainer(DigitDataset digits, int threads, AugmentationOptions augmentation)
    {
        // With many epochs and no warm-up, the learning rate stays close to PyTorch's constant one.
        var trainer = new Trainer(
            new TrainingOptions
            {
                Architecture = Network,
                Epochs = 1000,
                BatchSize = BatchSize,
                Threads = threads,
                LearningRate = LearningRate,
                WarmUpFraction = 0,
                Augmentation = augmentation,
                CleanFinishFraction = augmentation == AugmentationOptions.None ? 1 : 0,
            },
            digits);
        return () =>
        {
            long started = Stopwatch.GetTimestamp();
            double loss = trainer.RunEpoch().Loss;
            return (Stopwatch.GetElapsedTime(started).TotalSeconds, loss);
        };
    }

    private static Func<(double Seconds, double Loss)> TorchTrainer(TorchProcess torch, DigitDataset digits, bool channelsLast)
    {
        float[] images = new float[digits.Images.Length];
        InputScale.ToFloat(digits.Images, images);
        string inputs = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(inputs, MemoryMarshal.AsBytes<float>(images));
            torch.Call(new
            {
                command = "prepare",
                architecture = JsonSerializer.Deserialize<JsonElement>(Network.ToJson()),
                inputs,
                classes = digits.Labels.Select(label => (int)label),
                learning_rate = LearningRate,
                channels_last = channelsLast,
            });
        }
        finally
        {
            File.Delete(inputs);
        }

        return () =>
        {
            var answer = torch.Call(new { command = "epoch", batch = BatchSize });
            return (answer.GetProperty("seconds").GetDouble(), answer.GetProperty("loss").GetDouble());
        };
    }
}
